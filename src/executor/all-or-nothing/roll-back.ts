import { isLeft } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { Operation } from '../operation.js';
import type { Intent } from './capabilities.js';
import { type GuardedUndo, guardedUndo, type UndoCapabilities } from './guarded.js';
import type { ExecutionFailed, ExecutionInterrupted, Rollback, StoppedExecution } from './outcome.js';
import { inRollback } from './telemetry.js';

/** Undoes what an execution had begun when it stopped. */
export const rollBack =
  <Op extends Operation, Undo, E>(
    capabilities: GuardedUndo<Op, Undo, E>,
    { plan, cause, checkpoint, begun, report }: StoppedExecution<Op, Undo, E>,
  ): Task<ExecutionFailed<E> | ExecutionInterrupted<E>> =>
  async () => {
    capabilities.logger.log('info', 'execution_failed_rolling_back', {
      plan_checksum: plan.checksum,
      operations_to_rollback: begun.length,
    });
    const { rolledBack, failures } = await inRollback(capabilities, begun.length, (undoing) =>
      undoInReverse(undoing, begun),
    );
    const undone = new Set(rolledBack);
    const now = {
      ...report,
      executed: report.executed.filter((id) => !undone.has(id)),
      rolledBack: report.executed.filter((id) => undone.has(id)),
      rollbackFailures: failures,
    };
    return cause === null
      ? { _tag: 'Interrupted', phase: 'commit', checkpoint, report: now }
      : { _tag: 'ExecutionFailed', phase: 'commit', cause, checkpoint, report: now };
  };

/** Undoes what is found in a checkpoint that a crash has left, and ends it. */
export const undoIntents =
  <Op extends Operation, Undo, E>(capabilities: UndoCapabilities<Op, Undo, E>) =>
  (intents: readonly Intent<Pick<Op, 'id'>, Undo>[]): Task<Rollback<E>> =>
  () =>
    inRollback(guardedUndo(capabilities), intents.length, (undoing) => undoInReverse(undoing, intents));

/**
 * Undoes operations in reverse order. Goes on past one that cannot be undone, and knows of no signal: what stopped
 * the execution does not stop this. Ends the checkpoint once everything that was undone is durable.
 */
const undoInReverse = async <Op extends Operation, Undo, E>(
  { handler, checkpoint }: Pick<GuardedUndo<Op, Undo, E>, 'handler' | 'checkpoint'>,
  intents: readonly Intent<Pick<Op, 'id'>, Undo>[],
): Promise<Rollback<E>> => {
  const rolledBack: string[] = [];
  const failures: Rollback<E>['failures'][number][] = [];
  for (const { operation, undo } of intents.toReversed()) {
    const undone = await handler.undo(operation, undo)();
    if (isLeft(undone)) failures.push({ operation: operation.id, error: undone.left });
    else {
      if (undone.right === 'Undone') rolledBack.push(operation.id);
      // Only spares a second undoing after a crash: that it could not be noted changes nothing.
      checkpoint.undone(operation);
    }
  }
  const secured = await handler.secure()();
  if (isLeft(secured)) failures.push({ operation: '', error: secured.left });
  const settled = await checkpoint.settle(
    failures.length === 0 ? { _tag: 'RolledBack' } : { _tag: 'Incomplete', failures },
  )();
  if (isLeft(settled)) failures.push({ operation: '', error: settled.left });
  else failures.push(...settled.right);
  return { rolledBack, failures };
};
