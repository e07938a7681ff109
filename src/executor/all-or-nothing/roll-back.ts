import { isLeft } from 'fp-ts/lib/Either.js';
import { loggerIn, withSpan } from '../../effects/with-span.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import { answerOf } from '../answer-of.js';
import { telemetryOf } from '../execution-telemetry.js';
import type { Operation, OperationThrew } from '../operation.js';
import type { Checkpoint, Intent, UndoableCapabilities } from './undoable.js';

/** What undoing a plan's operations came to. */
export interface Rollback<E> {
  /** Ids of the operations whose effects were taken back; those that had none are not among them. */
  readonly rolledBack: readonly string[];
  readonly failures: readonly { readonly operation: string; readonly error: E | OperationThrew }[];
}

/** What is needed to undo: of an execution, or of one that a crash ended. */
export type UndoCapabilities<Op extends Operation, Undo, E> = Pick<
  UndoableCapabilities<Op, Undo, E>,
  'logger' | 'telemetry'
> & {
  readonly handler: Pick<UndoableCapabilities<Op, Undo, E>['handler'], 'undo' | 'secure'>;
  readonly checkpoint: Pick<Checkpoint<Op, Undo, E>, 'undone' | 'settle'>;
};

/**
 * Undoes operations in reverse order. Goes on past one that cannot be undone, and knows of no signal: what stopped
 * the execution does not stop this. Ends the checkpoint once everything that was undone is durable.
 */
export const rollBack = <Op extends Operation, Undo, E>(
  capabilities: UndoCapabilities<Op, Undo, E>,
  intents: readonly Intent<Pick<Op, 'id'>, Undo>[],
): Promise<Rollback<E>> => {
  const { telemetry, parent, links = [], describe } = telemetryOf(capabilities);
  const attributes = { [ATTRIBUTE.operationsToRollBack]: intents.length };
  return withSpan(telemetry, { name: SPAN.rollback, parent, links, attributes }, async (span) => {
    const logger = loggerIn(capabilities.logger, span);
    const { rolledBack, failures } = await undoInReverse({ ...capabilities, logger }, intents);
    span.set({
      [ATTRIBUTE.rolledBack]: rolledBack.length,
      [ATTRIBUTE.failedRollback]: failures.length,
    });
    for (const { operation, error } of failures) {
      span.fail(operation === '' ? describe(error) : `${operation}: ${describe(error)}`);
    }
    return { rolledBack, failures };
  });
};

const undoInReverse = async <Op extends Operation, Undo, E>(
  { handler, checkpoint, logger }: UndoCapabilities<Op, Undo, E>,
  intents: readonly Intent<Pick<Op, 'id'>, Undo>[],
): Promise<Rollback<E>> => {
  logger.log('debug', 'starting_rollback', { operations_to_rollback: intents.length });
  const rolledBack: string[] = [];
  const failures: Rollback<E>['failures'][number][] = [];
  const failed = (operation: string, error: E | OperationThrew) => {
    failures.push({ operation, error });
    logger.log('warn', 'rollback_failed', { op_id: operation });
  };

  for (const { operation, undo } of intents.toReversed()) {
    logger.log('debug', 'rolling_back_operation', { op_id: operation.id });
    const undone = await answerOf(() => handler.undo(operation, undo))();
    if (isLeft(undone)) failed(operation.id, undone.left);
    else {
      if (undone.right === 'Undone') rolledBack.push(operation.id);
      // Only spares a second undoing after a crash: that it could not be noted changes nothing.
      const noted = checkpoint.undone(operation);
      if (isLeft(noted)) logger.log('debug', 'undo_not_noted', { op_id: operation.id });
    }
  }

  const secured = await answerOf(() => handler.secure())();
  if (isLeft(secured)) failed('', secured.left);
  const ended = await answerOf(() =>
    checkpoint.settle(failures.length === 0 ? { _tag: 'RolledBack' } : { _tag: 'Incomplete', failures }),
  )();
  if (isLeft(ended)) failed('', ended.left);
  logger.log('debug', 'rollback_complete', {
    rolled_back: rolledBack.length,
    failed_rollback: failures.length,
  });
  return { rolledBack, failures };
};
