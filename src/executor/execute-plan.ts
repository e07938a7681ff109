import * as TE from 'fp-ts/lib/TaskEither.js';
import { type AllOrNothingError, type AllOrNothingOptions, executeAllOrNothing } from './all-or-nothing.js';
import type { ExecutorCapabilities } from './capabilities.js';
import { type ExecutionReport, reportOf } from './execution-report.js';
import type { ExecutablePlan, Operation } from './operation.js';
import { prepareAll } from './prepare-all.js';
import { runInOrder } from './run-in-order.js';
import { runOperation } from './run-operation.js';
import type { BatchedPlan, UndoableCapabilities } from './undoable.js';

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
      : TE.fromTask(async () => {
          const { logger } = capabilities;
          const prepared = await prepareAll(capabilities, plan, options.signal);
          logger.log('debug', 'executing_plan', {
            operation_count: plan.operations.length,
            plan_checksum: plan.checksum,
            can_parallelize: options.concurrency > 1,
          });
          const outcomes = await runInOrder<Op, E>(
            plan.operations,
            options.concurrency,
            (operation, blockedBy) =>
              runOperation(capabilities, options.signal, operation, prepared.get(operation.id), blockedBy),
          );
          const report = reportOf(plan, outcomes);
          logger.log('debug', 'execution_complete', {
            plan_checksum: plan.checksum,
            executed: report.executed.length,
            failed: report.failed.length,
            skipped: report.skipped.length,
            unfinished: report.unfinished.length,
          });
          return report;
        });
