import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type Eventually, whenThere } from '../../effects/eventually.js';
import type { ExecutionReport } from '../execution-report.js';
import type { Operation, OperationError } from '../operation.js';
import { pacing } from '../pacing.js';
import type { BatchedPlan, CommitOptions } from './capabilities.js';
import { noProgress, type PlacedIntent, type Progress, progressReport } from './execution-progress.js';
import type { Guarded } from './guarded.js';
import type { ExecutionFailed, StoppedExecution } from './outcome.js';
import { inCommit } from './telemetry.js';

/** Everything that the plan is about to do goes into the checkpoint before it does anything. */
export const createCheckpoint =
  <Op extends Operation, Undo, E>(
    { checkpoint, logger, telemetry }: Guarded<Op, Undo, E>,
    plan: BatchedPlan<Op>,
  ): TaskEither<ExecutionFailed<E>, void> =>
  async () => {
    const created = await checkpoint.create(plan, telemetry.parent?.traceParent ?? '')();
    if (isLeft(created)) {
      const cause = { operation: '', error: created.left };
      const report = progressReport(noProgress<Op, Undo, E>(plan, [cause]));
      return left({ _tag: 'ExecutionFailed', phase: 'checkpoint', cause, checkpoint: checkpoint.id, report });
    }
    logger.log('debug', 'checkpoint_created', { plan_checksum: plan.checksum });
    return created;
  };

/** Executes the operations; where it stops on its way, what they did is there until it is rolled back. */
export const commit = <Op extends Operation, Undo, E>(
  execution: Guarded<Op, Undo, E>,
  plan: BatchedPlan<Op>,
  options: CommitOptions,
): TaskEither<StoppedExecution<Op, Undo, E> | ExecutionFailed<E>, ExecutionReport<E>> =>
  inCommit(execution, plan, options, (watched) => async () => {
    const progress = noProgress<Op, Undo, E>(plan);
    const stop = await runBatches(watched, progress, options);
    const report = progressReport(progress);
    if (stop === null) return right(report);
    const [first] = progress.errors;
    if (stop === 'left-over' && first !== undefined) {
      const { id } = execution.checkpoint;
      return left({ _tag: 'ExecutionFailed', phase: 'commit', cause: first, checkpoint: id, report });
    }
    const cause = stop === 'interrupted' || first === undefined ? null : first;
    return left({
      _tag: 'Stopped',
      plan,
      cause,
      checkpoint: execution.checkpoint.id,
      begun: progress.begun,
      report,
    });
  });

/**
 * The intents of a batch are durable before any of its effects. At a failure or an interrupt nothing more starts, and
 * what runs is awaited. At the end the effects are made durable, and then the checkpoint says so: from there on there is
 * no way back: what could not be tidied up is `left-over`. Returns why it stopped; null: it did not.
 */
const runBatches = async <Op extends Operation, Undo, E>(
  execution: Guarded<Op, Undo, E>,
  progress: Progress<Op, Undo, E>,
  { concurrency, signal }: CommitOptions,
): Promise<'failed' | 'interrupted' | 'left-over' | null> => {
  const { handler, checkpoint, clock } = execution;
  const pace = pacing(clock);
  const mayStart = () => progress.errors.length === 0 && !signal.aborted;
  const stopped = () => (signal.aborted ? 'interrupted' : 'failed');
  const failed = (error: OperationError<E>) => {
    progress.errors.push({ operation: '', error });
    return 'failed' as const;
  };

  for (const places of progress.plan.batches) {
    if (!mayStart()) return stopped();
    const intents = intentsOf(execution, places, progress);
    if (!mayStart()) return stopped();
    const intended = await checkpoint.intend(intents)();
    if (isLeft(intended)) return failed(intended.left);
    await runBatch(intents, { concurrency, mayStart, pace }, (intent) =>
      executeOne(execution, intent, signal, progress),
    );
  }
  if (!mayStart()) return stopped();

  const secured = await handler.secure()();
  if (isLeft(secured)) return failed(secured.left);
  const settled = await checkpoint.settle({ _tag: 'Executed' })();
  if (isLeft(settled)) return failed(settled.left);
  progress.errors.push(...settled.right);
  return settled.right.length === 0 ? null : 'left-over';
};

const intentsOf = <Op extends Operation, Undo, E>(
  { handler }: Guarded<Op, Undo, E>,
  places: readonly number[],
  { plan, errors }: Progress<Op, Undo, E>,
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

/** Function that runs a batch. */
interface BatchRun {
  readonly concurrency: number;
  /** Question that is asked before each item. */
  readonly mayStart: () => boolean;
  /** See `pacing`. */
  readonly pace: () => Promise<void> | null;
}

/**
 * Runs work for items side by side, in their order. Starts nothing more once `mayStart` says no; what runs is awaited.
 * `work` never throws.
 */
const runBatch = async <A>(
  items: readonly A[],
  { concurrency, mayStart, pace }: BatchRun,
  work: (item: A) => Eventually<void>,
): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && mayStart()) {
      const item = items[next];
      next += 1;
      const working = item === undefined ? undefined : work(item);
      if (working !== undefined) await working;
      const pause = pace();
      if (pause !== null) await pause;
    }
  };
  const workers = Math.min(concurrency, items.length);
  await Promise.all(Array.from({ length: workers }, worker));
};

const executeOne = <Op extends Operation, Undo, E>(
  { handler, clock, onProgress }: Guarded<Op, Undo, E>,
  intent: PlacedIntent<Op, Undo>,
  signal: AbortSignal,
  progress: Progress<Op, Undo, E>,
): Eventually<void> => {
  const { operation, undo, place } = intent;
  progress.begun.push(intent);
  const begun = clock.monotonicMs();
  return whenThere(handler.execute(operation, undo, signal), (result) => {
    progress.durations[place] = clock.monotonicMs() - begun;
    if (isLeft(result)) {
      progress.errors.push({ operation: operation.id, error: result.left });
    } else {
      progress.executed += 1;
      onProgress?.(progress.executed);
    }
  });
};
