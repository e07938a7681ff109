import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { branchingSignal } from '../../effects/branching-signal.js';
import type { ExecutionReport } from '../execution-report.js';
import type { ExecutablePlan, Operation } from '../operation.js';
import { sideBySide } from '../side-by-side.js';
import type { IndependentCapabilities } from './capabilities.js';
import { type Guarded, guarded } from './guarded.js';
import { reportOf } from './outcome.js';
import { type Preparations, prepareAll } from './prepare.js';
import { runInOrder } from './run-in-order.js';
import { runOperation } from './run-operation.js';
import { inCommit, inExecution } from './telemetry.js';

/** Options of executing a plan whose operations fail by themselves. */
export interface ExecutionOptions {
  /** Operations side by side, at most. One is the sequential path. */
  readonly concurrency: number;
  /** Policy of this executor at a failure, for whoever reads the call: it stops nothing but what requires it. */
  readonly onFailure?: 'continue';
  /** Aborts when everything is to stop. */
  readonly signal: AbortSignal;
}

/** Reason why nothing could be executed. Errors of operations are in the report. */
export type ExecutionError = { readonly _tag: 'EmptyPlan' };

/**
 * Executes a plan whose operations fail independently, in two phases: first every operation is prepared, then each runs
 * as soon as those that it waits for have ended. A failure stops nothing but what requires it, and nothing is undone.
 * Sequential and parallel execution are one path with concurrency 1 and N.
 */
export const executeIndependently =
  <Op extends Operation, Prepared, Started, E>(
    capabilities: IndependentCapabilities<Op, Prepared, Started, E>,
  ) =>
  (plan: ExecutablePlan<Op>, options: ExecutionOptions): TE.TaskEither<ExecutionError, ExecutionReport<E>> =>
    plan.operations.length === 0
      ? TE.left({ _tag: 'EmptyPlan' })
      : TE.fromTask(
          inExecution(guarded(capabilities), plan, options.signal, (execution) =>
            pipe(
              T.Do,
              T.bind('prepared', () => prepareAll(execution, plan, options.signal)),
              T.bind('report', ({ prepared }) => commit(execution, plan, prepared, options)),
            ),
          ),
        );

/** The second phase. What each operation needs to be durable is in `run-operation.ts`. */
const commit =
  <Op extends Operation, Prepared, Started, E>(
    execution: Guarded<Op, Prepared, Started, E>,
    plan: ExecutablePlan<Op>,
    prepared: Preparations<E, Prepared>,
    { concurrency, signal }: ExecutionOptions,
  ): T.Task<ExecutionReport<E>> =>
  () =>
    inCommit(execution, plan, sideBySide(concurrency), async (queue) => {
      const branches = branchingSignal(signal);
      try {
        const outcomes = await runInOrder<Op, E>(
          plan.operations,
          sideBySide(concurrency),
          (operation, turn) => {
            queue.leave();
            return runOperation(execution, branches, operation, prepared.get(operation.id), turn);
          },
        );
        return reportOf(plan, outcomes);
      } finally {
        branches.end();
        execution.deadlines.end();
      }
    });
