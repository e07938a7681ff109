import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { printable } from '../../domain/text/printable.js';
import { steps } from '../../effects/steps.js';
import { settling } from '../../planner/watches/settling.js';
import type { PondError } from '../../steward/errors.js';
import type { Pond } from '../../steward/pond/pond.js';
import { finishOnHost } from '../../steward/watches/finish-on-host.js';
import {
  confirmUnfinished,
  lookNow,
  type SortedFiles,
  sortFiles,
} from '../../steward/watches/survey-folder.js';
import { takeIn } from '../../steward/watches/take-in.js';
import type { ChangeSignal } from '../change-signal.js';
import { NOTHING_DONE, sumOfWork, type WorkDone } from '../pond-job.js';
import type { SayOnce } from './say-once.js';
import type { WatchedState } from './watched-states.js';

/** A process that watches folders for a pond. */
export interface Watcher {
  readonly pond: Pond;
  readonly how: 'serving' | 'once';
  /** Tells of changes in any of the folders. */
  readonly stirs: ChangeSignal;
  readonly sayOnce: SayOnce;
}

/** Milliseconds after which something that could not be done is tried again. */
export const TRY_AGAIN = 30_000;

/** Batches that are taken in between two looks. */
const BATCHES = 10;

/** One look at a folder, and, where something has settled in it, its batches. */
export const lookAtWatch = (
  watcher: Watcher,
  path: string,
  state: WatchedState,
  signal: AbortSignal,
): TE.TaskEither<PondError, WorkDone> =>
  steps(async ({ run }) => {
    const { pond, stirs, sayOnce } = watcher;
    const { clock } = pond.ports;
    const { words } = state;
    state.seen = stirs.count();
    const found = await run(look(watcher, state));
    state.lookedAt = clock.monotonicMs();
    if (isLeft(found)) {
      [state.settling, state.nextAt] = [new Map(), null];
      await run(setProblem(pond, path, found.left));
      return NOTHING_DONE;
    }
    const { files, root, passedOver } = found.right;
    for (const { name, why } of passedOver)
      sayOnce('file_passed_over', { watch: path, file: printable(name), reason: why });
    const { settleMs } = words;
    const settled = settling(state.settling, files, { now: clock.monotonicMs(), settleMs });
    [state.settling, state.nextAt] = [settled.watched, settled.nextAt];
    const sorted = await run(sortFiles(pond, { watch: path, words, root }, settled.settled));
    const todo = await confirmUnfinished(pond, sorted)();
    if (todo.arrivals.length + todo.unfinished.length === 0) {
      await run(setProblem(pond, path, null));
      return NOTHING_DONE;
    }
    const { done, problems, isMore } = await run(takeInBatches(watcher, path, state, todo, signal));
    if (isMore) state.nextAt = clock.monotonicMs();
    await run(setProblem(pond, path, problems.length === 0 ? null : inShort(problems)));
    if (problems.length > 0) state.nextAt = clock.monotonicMs() + TRY_AGAIN;
    const present = new Set(files.map(({ name }) => `${words.folder}/${name}`));
    await run(pond.control.forgetArrivals(path, (file) => present.has(file)));
    return done;
  });

/**
 * A look at a folder. The system tells of changes in the directory that was there when it was asked, and of none in another one that
 * took its place: then it is asked again, and what came before that is seen by another look.
 */
const look = ({ pond, how, stirs }: Watcher, state: WatchedState): ReturnType<typeof lookNow> =>
  steps(async ({ run }) => {
    const { words } = state;
    const found = await run(lookNow(pond, words));
    if (how === 'once' || isLeft(found) || found.right.identity === state.identity) return found;
    state.stop();
    state.stop = pond.ports.watch.watch(words.folder, () => stirs.tell());
    state.identity = found.right.identity;
    return run(lookNow(pond, words));
  });

/** Problems of a watch are said when they begin, and when they are over, whoever serves it. */
const setProblem = (
  { control, directory, ports: { clock, logger } }: Pond,
  path: string,
  problem: string | null,
): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    const isNew = await run(control.setWatchProblem(path, problem, clock.nowMicros()));
    if (!isNew) return;
    if (problem === null) logger.log('info', 'watch_recovered', { pond: directory, watch: path });
    else logger.log('error', 'watch_failed', { pond: directory, watch: path, reason: problem });
  });

/** Work on what has settled in a folder. */
interface TakenIn {
  readonly done: WorkDone;
  readonly problems: readonly string[];
  /** True: there is more of it. */
  readonly isMore: boolean;
}

/** Takes in what has arrived and what was begun before, batch by batch; of very much not all, so that other folders have their turn. */
const takeInBatches = (
  { pond, how }: Watcher,
  path: string,
  { words }: WatchedState,
  { arrivals, unfinished }: SortedFiles,
  signal: AbortSignal,
): TE.TaskEither<PondError, TakenIn> =>
  steps(async ({ run }) => {
    const problems = [...(await run(finishOnHost(pond, { watch: path, words }, unfinished)))];
    let done: WorkDone = { done: unfinished.length - problems.length, failed: 0 };
    let waiting = arrivals;
    for (let batch = 0; waiting.length > 0 && batch < BATCHES && !signal.aborted; batch += 1) {
      const tasks = how === 'serving' ? 'background' : null;
      const taken = await run(takeIn(pond, { watch: path, words, tasks, signal }, waiting));
      problems.push(...taken.problems);
      const { unchanged, refused, failedTasks, left } = taken;
      done = sumOfWork(done, { done: taken.taken + unchanged + refused, failed: refused + failedTasks });
      waiting = left;
    }
    return { done, problems, isMore: waiting.length > 0 };
  });

/** Problems that are named; the others are counted. */
const NAMED = 3;

const inShort = (problems: readonly string[]): string => {
  const more = problems.length - NAMED;
  return `${problems.slice(0, NAMED).join('; ')}${more > 0 ? ` and ${more} more` : ''}`;
};
