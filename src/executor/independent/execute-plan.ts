import * as TE from 'fp-ts/lib/TaskEither.js';
import { loggerIn } from '../../effects/with-span.js';
import type { Span } from '../../ports/telemetry.js';
import {
  type AllOrNothingError,
  type AllOrNothingOptions,
  executeAllOrNothing,
} from '../all-or-nothing/all-or-nothing.js';
import type { BatchedPlan, UndoableCapabilities } from '../all-or-nothing/undoable.js';
import { type ExecutionReport, reportOf } from '../execution-report.js';
import {
  type ExecutionCounts,
  type ExecutionTelemetry,
  measured,
  openQueue,
  telemetryOf,
} from '../execution-telemetry.js';
import type { ExecutablePlan, Operation } from '../operation.js';
import { type Blocking, type Outcome, runInOrder } from '../run-in-order.js';
import type { ExecutorCapabilities } from './capabilities.js';
import { type Preparation, prepareAll } from './prepare-all.js';
import { runOperation } from './run-operation.js';

export interface ExecutionOptions {
  /** Operations side by side, at most. One is the sequential path. */
  readonly concurrency: number;
  /** A failed operation stops nothing but what requires it. */
  readonly onFailure: 'continue';
  /** Aborts when everything is to stop. */
  readonly signal: AbortSignal;
}

export type ExecutionError = { readonly _tag: 'EmptyPlan' };

/**
 * Executes a plan in two phases: first every operation is prepared, then they are run. Sequential and parallel
 * execution are one path with concurrency 1 and N.
 *
 * With `continue` each operation runs as soon as those that it waits for have ended, and a failure stops nothing but
 * what requires it. With `rollback` nothing is touched unless everything can be prepared, and everything is undone
 * when anything fails.
 */
export function executePlan<Op extends Operation, Undo, E>(
  capabilities: UndoableCapabilities<Op, Undo, E>,
): (
  plan: BatchedPlan<Op>,
  options: AllOrNothingOptions,
) => TE.TaskEither<AllOrNothingError<E>, ExecutionReport<E>>;
export function executePlan<Op extends Operation, Prepared, Started, E>(
  capabilities: ExecutorCapabilities<Op, Prepared, Started, E>,
): (plan: ExecutablePlan<Op>, options: ExecutionOptions) => TE.TaskEither<ExecutionError, ExecutionReport<E>>;
export function executePlan<Op extends Operation, Prepared, Started, Undo, E>(
  capabilities: ExecutorCapabilities<Op, Prepared, Started, E> | UndoableCapabilities<Op, Undo, E>,
) {
  return 'checkpoint' in capabilities
    ? executeAllOrNothing(capabilities)
    : executeIndependently(capabilities);
}

const executeIndependently =
  <Op extends Operation, Prepared, Started, E>(
    capabilities: ExecutorCapabilities<Op, Prepared, Started, E>,
  ) =>
  (plan: ExecutablePlan<Op>, options: ExecutionOptions): TE.TaskEither<ExecutionError, ExecutionReport<E>> =>
    plan.operations.length === 0
      ? TE.left({ _tag: 'EmptyPlan' })
      : TE.fromTask(() =>
          measured(telemetryOf(capabilities), capabilities.clock, plan, (span) =>
            runAll(capabilities, plan, options, span),
          ),
        );

const runAll = async <Op extends Operation, Prepared, Started, E>(
  capabilities: ExecutorCapabilities<Op, Prepared, Started, E>,
  plan: ExecutablePlan<Op>,
  { concurrency, signal }: ExecutionOptions,
  span: Span,
): Promise<{ readonly answer: ExecutionReport<E>; readonly counts: ExecutionCounts }> => {
  const log = loggerIn(capabilities.logger, span);
  const { telemetry, describe } = telemetryOf(capabilities);
  const prepared = await prepareAll(capabilities, plan, signal, span.context);
  log.log('debug', 'executing_plan', {
    operation_count: plan.operations.length,
    plan_checksum: plan.checksum,
    can_parallelize: concurrency > 1,
  });
  const queue = openQueue(telemetry, plan.operations.length);
  const run = (operation: Op, blockedBy: Blocking | null): Promise<Outcome<E>> => {
    queue.leave();
    const ready = prepared.get(operation.id);
    return runOperation(capabilities, { signal, span }, operation, ready, blockedBy);
  };
  const outcomes = await runInOrder<Op, E>(plan.operations, concurrency, run).finally(queue.close);
  const report = reportOf(plan, outcomes);
  log.log('debug', 'execution_complete', {
    plan_checksum: plan.checksum,
    executed: report.executed.length,
    failed: report.failed.length,
    skipped: report.skipped.length,
    unfinished: report.unfinished.length,
  });
  return {
    answer: report,
    counts: {
      executed: [...outcomes.values()].filter(({ _tag }) => _tag === 'Executed').length,
      failed: report.failed.length,
      rolledBack: 0,
      failure: failureOf(report, prepared, { describe, interrupted: signal.aborted }),
    },
  };
};

/**
 * What was left to another process has not failed; what was interrupted has. An operation whose preparation failed
 * never got further than phase one.
 */
const failureOf = <E, Prepared>(
  { failed, unfinished, errors }: ExecutionReport<E>,
  prepared: ReadonlyMap<string, Preparation<E, Prepared>>,
  { describe, interrupted }: Pick<ExecutionTelemetry<E>, 'describe'> & { readonly interrupted: boolean },
): ExecutionCounts['failure'] => {
  const [first] = errors;
  if (failed.length === 0 && first === undefined && !(interrupted && unfinished.length > 0)) return null;
  const reachedCommit = (id: string) => prepared.get(id)?._tag === 'Right';
  return {
    phase: [...failed, ...unfinished].some(reachedCommit) ? 'commit' : 'prepare',
    message: first === undefined ? (interrupted ? 'interrupted' : 'failed elsewhere') : describe(first.error),
  };
};
