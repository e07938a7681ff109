import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ExecutionReport } from '../execution-report.js';
import type { Operation } from '../operation.js';
import { sideBySide } from '../side-by-side.js';
import type { BatchedPlan, CommitOptions, UndoableCapabilities } from './capabilities.js';
import { commit, createCheckpoint } from './commit.js';
import { guarded, guardedUndo, type UndoCapabilities } from './guarded.js';
import type {
  AllOrNothingError,
  EmptyPlan,
  ExecutionFailed,
  ExecutionInterrupted,
  PreparedPlan,
  PrepareFailed,
  StoppedExecution,
} from './outcome.js';
import { prepareAll } from './prepare.js';
import { rollBack } from './roll-back.js';
import { inExecution } from './telemetry.js';

/** Options of executing a plan whose operations succeed together or leave nothing. */
export interface AllOrNothingOptions extends CommitOptions {
  /** Policy of this executor at a failure, for whoever reads the call: it stops everything and undoes it. */
  readonly onFailure?: 'rollback';
}

/**
 * Executes a plan: all of it or nothing. Nothing is touched unless everything can be prepared; the checkpoint is durable
 * before the first effect; at a failure or an interrupt everything that began is undone.
 */
export const executeAllOrNothing =
  <Op extends Operation, Undo, E>(capabilities: UndoableCapabilities<Op, Undo, E>) =>
  (
    plan: BatchedPlan<Op>,
    options: AllOrNothingOptions,
  ): TE.TaskEither<AllOrNothingError<E>, ExecutionReport<E>> => {
    if (plan.operations.length === 0) return TE.left({ _tag: 'EmptyPlan' });
    const asked = counted(options);
    return inExecution(guarded(capabilities), plan, (execution) =>
      pipe(
        prepareAll(execution, plan, asked.signal),
        TE.flatMap(() => createCheckpoint(execution, plan)),
        TE.flatMap(() => commit(execution, plan, asked)),
        TE.orElse((failure) =>
          failure._tag === 'Stopped' ? TE.leftTask(rollBack(execution, failure)) : TE.left(failure),
        ),
      ),
    );
  };

/** The same options, of which the number of operations side by side is one. Before anything is begun. */
const counted = ({ concurrency, signal }: CommitOptions): CommitOptions => ({
  concurrency: sideBySide(concurrency),
  signal,
});

/** The first phase by itself: looks whether everything can be executed, and touches nothing. */
export const prepare =
  <Op extends Operation, Undo, E>(capabilities: UndoableCapabilities<Op, Undo, E>) =>
  (
    plan: BatchedPlan<Op>,
    { signal }: Pick<CommitOptions, 'signal'>,
  ): TE.TaskEither<EmptyPlan | PrepareFailed<E> | ExecutionInterrupted<E>, PreparedPlan<Op>> =>
    plan.operations.length === 0
      ? TE.left({ _tag: 'EmptyPlan' })
      : prepareAll(guarded(capabilities), plan, signal);

/** The second phase by itself: checkpoint and commit. What it leaves where it stops is for `rollback`. */
export const execute =
  <Op extends Operation, Undo, E>(capabilities: UndoableCapabilities<Op, Undo, E>) =>
  (
    { plan }: PreparedPlan<Op>,
    options: CommitOptions,
  ): TE.TaskEither<ExecutionFailed<E> | StoppedExecution<Op, Undo, E>, ExecutionReport<E>> => {
    const asked = counted(options);
    return inExecution(guarded(capabilities), plan, (execution) =>
      pipe(
        createCheckpoint(execution, plan),
        TE.flatMap(() => commit(execution, plan, asked)),
      ),
    );
  };

/** The last phase by itself: undoes what an execution that has stopped had begun. The error says what came of both. */
export const rollback =
  <Op extends Operation, Undo, E>(capabilities: UndoCapabilities<Op, Undo, E>) =>
  (stopped: StoppedExecution<Op, Undo, E>): Task<ExecutionFailed<E> | ExecutionInterrupted<E>> =>
    rollBack(guardedUndo(capabilities), stopped);
