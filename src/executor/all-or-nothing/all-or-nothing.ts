import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type Eventually, whenThere } from '../../effects/eventually.js';
import { loggerIn, withSpan } from '../../effects/with-span.js';
import { answerNow, answerOf } from '../answer-of.js';
import { operationSpan } from '../attempt-span.js';
import type { ExecutionReport } from '../execution-report.js';
import { type FailurePhase, measured, openQueue, type Queue, telemetryOf } from '../execution-telemetry.js';
import type { Operation, OperationError } from '../operation.js';
import { pacing } from '../pacing.js';
import { preparing } from '../preparing.js';
import { noProgress, type PlacedIntent, type Progress, progressReport } from './execution-progress.js';
import { rollBack } from './roll-back.js';
import { runBatch } from './run-batch.js';
import type { BatchedPlan, UndoableCapabilities } from './undoable.js';

export interface AllOrNothingOptions {
  /** Operations side by side, at most. One is the sequential path. */
  readonly concurrency: number;
  /** A failed operation stops everything, and everything is undone. */
  readonly onFailure: 'rollback';
  /** Aborts when everything is to stop, and to be undone. */
  readonly signal: AbortSignal;
}

/** Why a plan that is all or nothing was not executed. The report says what became of each operation. */
export type AllOrNothingError<E> =
  | { readonly _tag: 'EmptyPlan' }
  /** Preconditions do not hold: nothing was touched. */
  | { readonly _tag: 'PrepareFailed'; readonly report: ExecutionReport<E> }
  /** Something failed on the way. Everything was undone, except for the report's `rollbackFailures`. */
  | { readonly _tag: 'ExecutionFailed'; readonly report: ExecutionReport<E> }
  /** The same, because of the signal. */
  | { readonly _tag: 'Interrupted'; readonly report: ExecutionReport<E> };

/**
 * Executes a plan batch by batch; at a failure or an interrupt nothing more starts, what runs is awaited, and
 * everything that began is undone.
 */
export const executeAllOrNothing =
  <Op extends Operation, Undo, E>(capabilities: UndoableCapabilities<Op, Undo, E>) =>
  (
    plan: BatchedPlan<Op>,
    options: AllOrNothingOptions,
  ): TaskEither<AllOrNothingError<E>, ExecutionReport<E>> =>
  async () => {
    if (plan.operations.length === 0) return left({ _tag: 'EmptyPlan' });
    const execution = telemetryOf(capabilities);
    return measured(execution, capabilities.clock, plan, async (span) => {
      const progress = noProgress<Op, Undo, E>(plan, span);
      const logger = loggerIn(capabilities.logger, span);
      const { answer, failedIn } = await executePhases({ ...capabilities, logger }, plan, options, progress);
      const { failed, rolledBack } = isLeft(answer) ? answer.left.report : answer.right;
      const [first] = progress.errors;
      return {
        answer,
        counts: {
          executed: progress.executed,
          failed: failed.length,
          rolledBack: rolledBack.length,
          failure:
            failedIn === null
              ? null
              : {
                  phase: failedIn,
                  message: first === undefined ? 'interrupted' : execution.describe(first.error),
                },
        },
      };
    });
  };

/** The errors of a plan that had anything to execute. */
type Failed<E> = Exclude<AllOrNothingError<E>, { _tag: 'EmptyPlan' }>;

/** How an execution ended, and in which phase it failed or was interrupted. */
interface Ended<E> {
  readonly answer: Either<Failed<E>, ExecutionReport<E>>;
  readonly failedIn: FailurePhase | null;
}

const executePhases = async <Op extends Operation, Undo, E>(
  capabilities: UndoableCapabilities<Op, Undo, E>,
  plan: BatchedPlan<Op>,
  options: AllOrNothingOptions,
  progress: Progress<Op, Undo, E>,
): Promise<Ended<E>> => {
  const { logger } = capabilities;
  await prepareInOrder(capabilities, plan, options.signal, progress);
  if (options.signal.aborted || progress.errors.length > 0) {
    const tag = options.signal.aborted ? 'Interrupted' : 'PrepareFailed';
    return { answer: left({ _tag: tag, report: progressReport(plan, progress) }), failedIn: 'prepare' };
  }
  const { traceParent } = progress.span.context;
  const created = await answerOf(() => capabilities.checkpoint.create(plan, traceParent))();
  if (isLeft(created)) {
    return { answer: left(failedAsAWhole(plan, progress, created.left)), failedIn: 'checkpoint' };
  }
  logger.log('debug', 'checkpoint_created', { plan_checksum: plan.checksum });
  logger.log('debug', 'executing_plan', {
    operation_count: plan.operations.length,
    plan_checksum: plan.checksum,
    can_parallelize: options.concurrency > 1,
  });
  const queue = openQueue(telemetryOf(capabilities).telemetry, plan.operations.length);
  const done = await executeBatches(capabilities, plan, options, progress, queue).finally(queue.close);
  const kept = isLeft(done) ? done : await keep(capabilities, progress);
  if (isLeft(kept)) {
    return { answer: left(await undoAll(capabilities, plan, options.signal, progress)), failedIn: 'commit' };
  }
  logger.log('debug', 'execution_complete', {
    plan_checksum: plan.checksum,
    executed: progress.executed,
  });
  return { answer: right(progressReport(plan, progress)), failedIn: null };
};

/** Phase one. Goes on past what fails, so that everything that is wrong is reported. */
const prepareInOrder = <Op extends Operation, Undo, E>(
  capabilities: UndoableCapabilities<Op, Undo, E>,
  plan: BatchedPlan<Op>,
  signal: AbortSignal,
  { errors, span }: Progress<Op, Undo, E>,
): Promise<void> =>
  preparing(
    {
      ...telemetryOf(capabilities),
      clock: capabilities.clock,
      logger: capabilities.logger,
      parent: span.context,
    },
    plan,
    signal,
    (operation) =>
      whenThere(
        answerNow(() => capabilities.handler.prepare(operation)),
        (prepared) => {
          if (!isLeft(prepared)) return null;
          errors.push({ operation: operation.id, error: prepared.left });
          return prepared.left;
        },
      ),
  );

const executeBatches = async <Op extends Operation, Undo, E>(
  capabilities: UndoableCapabilities<Op, Undo, E>,
  plan: BatchedPlan<Op>,
  { concurrency, signal }: AllOrNothingOptions,
  progress: Progress<Op, Undo, E>,
  queue: Queue,
): Promise<Either<'Stopped', void>> => {
  const { logger, checkpoint, clock } = capabilities;
  const pace = pacing(clock);
  const mayGoOn = () => progress.errors.length === 0 && !signal.aborted;
  for (const [index, places] of plan.batches.entries()) {
    if (!mayGoOn()) return left('Stopped');
    const intents = intentsOf(capabilities, plan, places, progress);
    if (!mayGoOn()) return left('Stopped');
    const written = await answerOf(() => checkpoint.intend(intents))();
    if (isLeft(written)) {
      progress.errors.push({ operation: '', error: written.left });
      return left('Stopped');
    }
    logger.log('debug', 'executing_batch', { batch_index: index, batch_size: intents.length });
    await runBatch(intents, { concurrency, mayStart: mayGoOn, pace }, (intent) => {
      queue.leave();
      return executeOne(capabilities, intent, signal, progress);
    });
    if (progress.errors.length > 0) logger.log('debug', 'batch_failed', { batch_index: index });
  }
  return mayGoOn() ? right(undefined) : left('Stopped');
};

const intentsOf = <Op extends Operation, Undo, E>(
  { handler }: UndoableCapabilities<Op, Undo, E>,
  plan: BatchedPlan<Op>,
  places: readonly number[],
  { errors }: Progress<Op, Undo, E>,
): readonly PlacedIntent<Op, Undo>[] => {
  const intents: PlacedIntent<Op, Undo>[] = [];
  for (const place of places) {
    const operation = plan.operations[place];
    if (operation === undefined) continue;
    const undo = handler.intend(operation);
    if (isLeft(undo)) errors.push({ operation: operation.id, error: undo.left });
    else intents.push({ operation, undo: undo.right, place });
  }
  return intents;
};

const executeOne = <Op extends Operation, Undo, E>(
  capabilities: UndoableCapabilities<Op, Undo, E>,
  intent: PlacedIntent<Op, Undo>,
  signal: AbortSignal,
  progress: Progress<Op, Undo, E>,
): Eventually<void> => {
  const { handler, clock, logger, onProgress } = capabilities;
  const { telemetry, describe } = telemetryOf(capabilities);
  const { operation, undo, place } = intent;
  return withSpan(telemetry, operationSpan(operation, progress.span.context), (span) => {
    const log = loggerIn(logger, span);
    log.log('debug', 'executing_operation', { op_id: operation.id, op_kind: operation.kind });
    progress.begun.push(intent);
    const begun = clock.monotonicMs();
    return whenThere(
      answerNow(() => handler.execute(operation, undo, signal)),
      (result) => {
        progress.durations[place] = clock.monotonicMs() - begun;
        if (isLeft(result)) {
          log.log('debug', 'operation_failed', { op_id: operation.id, op_kind: operation.kind });
          span.fail(describe(result.left));
          progress.errors.push({ operation: operation.id, error: result.left });
        } else {
          progress.executed += 1;
          onProgress?.(progress.executed);
        }
      },
    );
  });
};

/** From here on there is no way back: the effects are durable, and then the checkpoint says so. */
const keep = async <Op extends Operation, Undo, E>(
  { handler, checkpoint }: UndoableCapabilities<Op, Undo, E>,
  progress: Progress<Op, Undo, E>,
): Promise<Either<'Stopped', void>> => {
  const secured = await answerOf(() => handler.secure())();
  const ended = isLeft(secured) ? secured : await answerOf(() => checkpoint.settle({ _tag: 'Executed' }))();
  if (!isLeft(ended)) return right(undefined);
  progress.errors.push({ operation: '', error: ended.left });
  return left('Stopped');
};

const undoAll = async <Op extends Operation, Undo, E>(
  capabilities: UndoableCapabilities<Op, Undo, E>,
  plan: BatchedPlan<Op>,
  signal: AbortSignal,
  progress: Progress<Op, Undo, E>,
): Promise<Failed<E>> => {
  const interrupted = signal.aborted && progress.errors.every(({ operation }) => operation !== '');
  capabilities.logger.log('info', 'execution_failed_rolling_back', {
    plan_checksum: plan.checksum,
    operations_to_rollback: progress.begun.length,
  });
  const telemetry = { ...telemetryOf(capabilities), parent: progress.span.context };
  const { rolledBack, failures } = await rollBack({ ...capabilities, telemetry }, progress.begun);
  const report = progressReport(plan, progress, new Set(rolledBack));
  return {
    _tag: interrupted ? 'Interrupted' : 'ExecutionFailed',
    report: { ...report, rollbackFailures: failures },
  };
};

const failedAsAWhole = <Op extends Operation, Undo, E>(
  plan: BatchedPlan<Op>,
  progress: Progress<Op, Undo, E>,
  error: OperationError<E>,
): Failed<E> => {
  progress.errors.push({ operation: '', error });
  return { _tag: 'ExecutionFailed', report: progressReport(plan, progress) };
};
