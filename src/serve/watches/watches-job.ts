import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { printable } from '../../domain/documents/printable.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import { type Settling, settling } from '../../planner/watches/settling.js';
import type { WatchEntry } from '../../steward/background-reports.js';
import type { PondError } from '../../steward/errors.js';
import { layout } from '../../steward/pond/pond.js';
import { refuseUntrusted } from '../../steward/tasks/refuse-untrusted.js';
import { finishOnHost } from '../../steward/watches/finish-on-host.js';
import {
  confirmUnfinished,
  lookNow,
  type SortedFiles,
  sortFiles,
} from '../../steward/watches/survey-folder.js';
import { takeIn } from '../../steward/watches/take-in.js';
import { watchEntries } from '../../steward/watches/watch-entries.js';
import { onAnotherMachine, WATCHED_ELSEWHERE, watchesHere } from '../../steward/watches/watched-folders.js';
import { changeSignal } from '../change-signal.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type Turn, type WorkDone } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';

/** State of a watch between two looks of this process. */
interface Watching {
  readonly words: WatchWords;
  /** Files that are there, each with since when it is as it is. */
  settling: Settling;
  /** Monotonic milliseconds at which one of them will have settled, or it is to be looked again; null: neither. */
  nextAt: number | null;
  /** Monotonic milliseconds of the last look. */
  lookedAt: number;
  /** Changes of the folder that were told before the last look. */
  seen: number;
  /** The directory of which the system tells changes; null: of none. */
  identity: string | null;
  stop: () => void;
}

/** Work on what has settled in a folder. */
interface TakenIn {
  readonly done: WorkDone;
  readonly problems: readonly string[];
  /** True: there is more of it. */
  readonly isMore: boolean;
}

/**
 * Takes in what arrives in the folders that a pond watches: looks at each when the system tells of a change in it, when a file in it
 * will have settled, and every half minute. `once`: a file that has just come is waited for, as long as it needs to settle; so it is by
 * the first call in any case.
 */
export const watchesJob = ({ pond }: ServedPond, how: 'serving' | 'once'): PondJob => {
  const { clock, logger, watch: notices } = pond.ports;
  const watching = new Map<string, Watching>();
  const stirs = changeSignal();
  const said = new Set<string>();
  let seenStirs = 0;
  let isFirst = true;

  const sayOnce = (event: string, fields: Readonly<Record<string, string>>): void => {
    const key = `${event} ${Object.values(fields).join(' ')}`;
    if (said.has(key)) return;
    if (said.size > MOST_SAID) said.clear();
    said.add(key);
    logger.log('warn', event, { pond: pond.directory, ...fields });
  };

  const forget = (path: string): void => {
    watching.get(path)?.stop();
    watching.delete(path);
  };

  const stateOf = (path: string, words: WatchWords): Watching => {
    const known = watching.get(path);
    if (known !== undefined && JSON.stringify(known.words) === JSON.stringify(words)) return known;
    forget(path);
    const state: Watching = {
      words,
      settling: new Map(),
      nextAt: null,
      lookedAt: Number.NEGATIVE_INFINITY,
      seen: -1,
      identity: null,
      stop: () => undefined,
    };
    watching.set(path, state);
    return state;
  };

  /**
   * A look at a folder. The system tells of changes in the directory that was there when it was asked, and of none in another one that
   * took its place: then it is asked again, and what came before that is seen by another look.
   */
  const look = (state: Watching): ReturnType<typeof lookNow> =>
    steps(async ({ run }) => {
      const { words } = state;
      const found = await run(lookNow(pond, words));
      if (how === 'once' || isLeft(found) || found.right.identity === state.identity) return found;
      state.stop();
      state.stop = notices.watch(words.folder, () => stirs.tell());
      state.identity = found.right.identity;
      return run(lookNow(pond, words));
    });

  /** Problems of a watch are said when they begin, and when they are over, whoever serves it. */
  const setProblem = (path: string, problem: string | null): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      const isNew = await run(pond.control.setWatchProblem(path, problem, clock.nowMicros()));
      if (!isNew) return;
      if (problem === null) logger.log('info', 'watch_recovered', { pond: pond.directory, watch: path });
      else logger.log('error', 'watch_failed', { pond: pond.directory, watch: path, reason: problem });
    });

  const isDue = ({ lookedAt, nextAt, seen }: Watching): boolean => {
    const now = clock.monotonicMs();
    if (nextAt !== null && nextAt <= now) return true;
    const pause = now - lookedAt;
    return pause >= LONGEST || (pause >= SHORTEST && (stirs.count() > seen || how === 'once'));
  };

  /** One look at a folder, and, where something has settled in it, its batches. */
  const lookAt = (path: string, state: Watching, signal: AbortSignal): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run }) => {
      const { words } = state;
      state.seen = stirs.count();
      const found = await run(look(state));
      state.lookedAt = clock.monotonicMs();
      if (isLeft(found)) {
        [state.settling, state.nextAt] = [new Map(), null];
        await run(setProblem(path, found.left));
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
        await run(setProblem(path, null));
        return NOTHING_DONE;
      }
      const { done, problems, isMore } = await run(takeInBatches({ path, words }, todo, signal));
      if (isMore) state.nextAt = clock.monotonicMs();
      await run(setProblem(path, problems.length === 0 ? null : inShort(problems)));
      // What could not be done is tried again after a while.
      if (problems.length > 0) state.nextAt = clock.monotonicMs() + TRY_AGAIN;
      const present = new Set(files.map(({ name }) => `${words.folder}/${name}`));
      await run(pond.control.forgetArrivals(path, (file) => present.has(file)));
      return done;
    });

  /** Takes in what has arrived and what was begun before, batch by batch; of very much not all, so that other folders have their turn. */
  const takeInBatches = (
    { path, words }: { readonly path: string; readonly words: WatchWords },
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

  const enabledWatches = (): TE.TaskEither<PondError, readonly WatchEntry[]> =>
    steps(async ({ run }) => {
      const { txnSeq } = await run(pond.tlog.head());
      const entries = await run(watchEntries(pond, await run(pond.tlog.snapshot(txnSeq))));
      const enabled = entries.filter((entry) => entry.isEnabled && onAnotherMachine(pond, entry) === null);
      if (enabled.length === 0) return [];
      if (!(await run(watchesHere(pond)))) {
        sayOnce('folders_not_watched', { reason: WATCHED_ELSEWHERE });
        return [];
      }
      await run(refuseUntrusted(pond, [txnSeq]));
      for (const { path, fault } of enabled)
        if (fault !== null) sayOnce('watch_not_read', { watch: path, reason: fault });
      return enabled;
    });

  const lookAtAll = (signal: AbortSignal): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run }) => {
      const entries = await run(enabledWatches());
      const paths = new Set(entries.map(({ path }) => path));
      for (const path of watching.keys()) if (!paths.has(path)) forget(path);
      let work = NOTHING_DONE;
      for (const { path, words } of entries) {
        if (words === null || signal.aborted) continue;
        const state = stateOf(path, words);
        if (!isDue(state)) continue;
        // Of several that serve a pond one takes a batch in; the others look again after it.
        const lock = await run(tryLock);
        if (lock === null) {
          state.nextAt = clock.monotonicMs() + SHORTEST;
          continue;
        }
        try {
          work = sumOfWork(work, await run(lookAt(path, state, signal)));
        } finally {
          lock.release();
        }
      }
      return work;
    });

  const tryLock = steps<PondError, { readonly release: () => void } | null>(async ({ take }) =>
    take(pond.ports.locks.tryAcquire(layout(pond.directory).watchLock)()),
  );

  const nextAt = (): number | null => {
    const times = [...watching.values()].flatMap((state) => (state.nextAt === null ? [] : [state.nextAt]));
    return times.length === 0 ? null : Math.min(...times);
  };

  const workOnce = ({ signal }: Turn): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run }) => {
      let work = await run(lookAtAll(signal));
      const next = nextAt();
      const waits = how === 'once' || isFirst;
      isFirst = false;
      if (!waits || next === null || signal.aborted) return work;
      const longest = Math.max(...[...watching.values()].map(({ words }) => words.settleMs));
      const until = clock.monotonicMs() + (how === 'once' ? longest : Math.min(longest, TRY_AGAIN));
      for (let at = nextAt(); at !== null && at <= until && !signal.aborted; at = nextAt()) {
        await clock.sleep(Math.max(0, at - clock.monotonicMs()), signal);
        work = sumOfWork(work, await run(lookAtAll(signal)));
      }
      return work;
    });

  let endsWith: AbortSignal | null = null;
  const endWith = (signal: AbortSignal): void => {
    if (endsWith === signal) return;
    endsWith = signal;
    signal.addEventListener('abort', () => [...watching.keys()].forEach(forget), { once: true });
  };

  return {
    name: 'watches',
    work: (turn) => {
      endWith(turn.signal);
      seenStirs = stirs.count();
      return workOnce(turn);
    },
    nextDue: () =>
      steps(async () => {
        const next = nextAt();
        return next === null ? null : clock.nowMicros() + Math.ceil((next - clock.monotonicMs()) * 1000);
      }),
    // Many files come at once: they are looked at together.
    stirred: async (signal) => {
      await stirs.after(seenStirs, signal);
      await clock.sleep(SHORTEST, signal);
    },
  };
};

/** Milliseconds between two looks at a folder: at least, at most, and after something could not be done. */
const SHORTEST = 250;
const LONGEST = 29_000;
const TRY_AGAIN = 30_000;

/** Batches that are taken in between two looks. */
const BATCHES = 10;

const MOST_SAID = 1_000;

/** Problems that are named; the others are counted. */
const NAMED = 3;

const inShort = (problems: readonly string[]): string => {
  const more = problems.length - NAMED;
  return `${problems.slice(0, NAMED).join('; ')}${more > 0 ? ` and ${more} more` : ''}`;
};
