import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { constVoid, pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { whenThere } from '../../effects/eventually.js';
import { loggerIn, withSpan } from '../../effects/with-span.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import type { ExecutionReport } from '../execution-report.js';
import { type ExecutionCounts, inExecutionSpan, openQueue, operationSpan } from '../execution-telemetry.js';
import type { Operation, OperationError } from '../operation.js';
import type { BatchedPlan, CommitOptions } from './capabilities.js';
import type { Guarded, GuardedUndo } from './guarded.js';
import type {
  ExecutionFailed,
  ExecutionInterrupted,
  PrepareFailed,
  Rollback,
  StoppedExecution,
} from './outcome.js';

// What the phases of an execution say of themselves is said around them, here; they know nothing of it.

type Failure<Op extends Operation, Undo, E> =
  | PrepareFailed<E>
  | ExecutionFailed<E>
  | ExecutionInterrupted<E>
  | StoppedExecution<Op, Undo, E>;

/** Runs phases inside the span of an execution, and counts it. */
export const inExecution =
  <Op extends Operation, Undo, E, F extends Failure<Op, Undo, E>>(
    capabilities: Guarded<Op, Undo, E>,
    plan: BatchedPlan<Op>,
    phases: (execution: Guarded<Op, Undo, E>) => TE.TaskEither<F, ExecutionReport<E>>,
  ): TE.TaskEither<F, ExecutionReport<E>> =>
  () =>
    inExecutionSpan(
      capabilities,
      plan,
      (inside) => phases({ ...capabilities, ...inside })(),
      (ended) => countsOf(capabilities.telemetry.describe, ended),
    );

const countsOf = <Op extends Operation, Undo, E>(
  describe: (error: OperationError<E>) => string,
  ended: Either<Failure<Op, Undo, E>, ExecutionReport<E>>,
): ExecutionCounts => {
  const { executed, failed, rolledBack, errors } = isLeft(ended) ? ended.left.report : ended.right;
  const [first] = errors;
  return {
    executed: executed.length + rolledBack.length,
    failed: failed.length,
    rolledBack: rolledBack.length,
    failure: isLeft(ended)
      ? {
          phase: phaseOf(ended.left),
          message: first === undefined ? 'interrupted' : describe(first.error),
        }
      : null,
  };
};

const phaseOf = <Op extends Operation, Undo, E>(failure: Failure<Op, Undo, E>) => {
  switch (failure._tag) {
    case 'PrepareFailed':
      return 'prepare';
    case 'Stopped':
      return 'commit';
    case 'ExecutionFailed':
    case 'Interrupted':
      return failure.phase;
  }
};

/** Runs a commit whose operations have a span each, and wait in the queue until they start. */
export const inCommit =
  <Op extends Operation, Undo, E, F>(
    execution: Guarded<Op, Undo, E>,
    plan: BatchedPlan<Op>,
    { concurrency }: Pick<CommitOptions, 'concurrency'>,
    commit: (execution: Guarded<Op, Undo, E>) => TE.TaskEither<F, ExecutionReport<E>>,
  ): TE.TaskEither<F, ExecutionReport<E>> =>
  async () => {
    const { logger, handler, checkpoint } = execution;
    const { telemetry, parent, describe } = execution.telemetry;
    logger.log('info', 'executing_plan', {
      operation_count: plan.operations.length,
      plan_checksum: plan.checksum,
      can_parallelize: concurrency > 1,
    });
    const queue = openQueue(telemetry, plan.operations.length);
    const batch = { index: -1, failed: false };
    // Operations are many and short: where nobody would hear of each, nothing is put together that could be said.
    const isHeard = () => telemetry.isWatched?.() !== false || logger.takes?.('debug') !== false;
    const committed = await commit({
      ...execution,
      checkpoint: {
        ...checkpoint,
        intend: (intents) =>
          pipe(
            checkpoint.intend(intents),
            TE.tapIO(() => () => {
              batch.index += 1;
              logger.log('debug', 'executing_batch', {
                batch_index: batch.index,
                batch_size: intents.length,
              });
            }),
          ),
      },
      handler: {
        ...handler,
        execute: (operation, undo, signal) => {
          queue.leave();
          const executed = (told: (error: OperationError<E>) => void) =>
            whenThere(handler.execute(operation, undo, signal), (result) => {
              if (isLeft(result)) {
                batch.failed = true;
                told(result.left);
              }
              return result;
            });
          if (!isHeard()) return executed(constVoid);
          return withSpan(telemetry, operationSpan(operation, parent), (span) => {
            const log = loggerIn(logger, span);
            log.log('debug', 'executing_operation', { op_id: operation.id, op_kind: operation.kind });
            return executed((error) => {
              log.log('debug', 'operation_failed', { op_id: operation.id, op_kind: operation.kind });
              span.fail(describe(error));
            });
          });
        },
      },
    })().finally(queue.close);
    if (batch.failed) logger.log('debug', 'batch_failed', { batch_index: batch.index });
    if (!isLeft(committed)) {
      logger.log('info', 'execution_complete', {
        plan_checksum: plan.checksum,
        executed: committed.right.executed.length,
      });
    }
    return committed;
  };

/** Undoes inside a span, and says of each operation what came of it. */
export const inRollback = <Op extends Operation, Undo, E>(
  { telemetry: { telemetry, parent, links = [], describe }, ...capabilities }: GuardedUndo<Op, Undo, E>,
  operations: number,
  undoAll: (capabilities: Pick<GuardedUndo<Op, Undo, E>, 'handler' | 'checkpoint'>) => Promise<Rollback<E>>,
): Promise<Rollback<E>> => {
  const { handler, checkpoint } = capabilities;
  const attributes = { [ATTRIBUTE.operationsToRollBack]: operations };
  return withSpan(telemetry, { name: SPAN.rollback, parent, links, attributes }, async (span) => {
    const logger = loggerIn(capabilities.logger, span);
    logger.log('debug', 'starting_rollback', { operations_to_rollback: operations });
    const { rolledBack, failures } = await undoAll({
      handler: {
        ...handler,
        undo: (operation, undo) => () => {
          logger.log('debug', 'rolling_back_operation', { op_id: operation.id });
          return handler.undo(operation, undo)();
        },
      },
      checkpoint: {
        ...checkpoint,
        undone: (operation) => {
          const noted = checkpoint.undone(operation);
          if (isLeft(noted)) logger.log('debug', 'undo_not_noted', { op_id: operation.id });
          return noted;
        },
      },
    });
    for (const { operation, error } of failures) {
      logger.log('warn', 'rollback_failed', { op_id: operation });
      span.fail(operation === '' ? describe(error) : `${operation}: ${describe(error)}`);
    }
    span.set({
      [ATTRIBUTE.rolledBack]: rolledBack.length,
      [ATTRIBUTE.failedRollback]: failures.length,
    });
    logger.log('debug', 'rollback_complete', {
      rolled_back: rolledBack.length,
      failed_rollback: failures.length,
    });
    return { rolledBack, failures };
  });
};
