import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../../steward/errors.js';
import { layout } from '../../steward/pond/pond.js';
import type { WatchEntry } from '../../steward/shapes/background-reports.js';
import { refuseUntrusted } from '../../steward/tasks/refuse-untrusted.js';
import { watchEntries } from '../../steward/watches/watch-entries.js';
import { onAnotherMachine, WATCHED_ELSEWHERE, watchesHere } from '../../steward/watches/watched-folders.js';
import { changeSignal } from '../change-signal.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type Turn, type WorkDone } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';
import { lookAtWatch, TRY_AGAIN, type Watcher } from './look-at-watch.js';
import { saysOnce } from './say-once.js';
import { type WatchedState, type WatchedStates, watchedStates } from './watched-states.js';

/** Milliseconds between two looks at a folder: at least, and at most. */
const SHORTEST = 250;
const LONGEST = 29_000;

/**
 * Takes in what arrives in the folders that a pond watches: looks at each when the system tells of a change in it, when a file in it
 * will have settled, and every half minute. `once`: a file that has just come is waited for, as long as it needs to settle; so it is by
 * the first call in any case.
 */
export const watchesJob = ({ pond }: ServedPond, how: 'serving' | 'once'): PondJob => {
  const { clock } = pond.ports;
  const watcher: Watcher = { pond, how, stirs: changeSignal(), sayOnce: saysOnce(pond) };
  const states = watchedStates();
  let seenStirs = 0;
  let isFirst = true;

  const workOnce = ({ signal }: Turn): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run }) => {
      let work = await run(lookAtAll(watcher, states, signal));
      const next = states.nextAt();
      const waits = how === 'once' || isFirst;
      isFirst = false;
      if (!waits || next === null || signal.aborted) return work;
      const longest = states.longestSettling();
      const until = clock.monotonicMs() + (how === 'once' ? longest : Math.min(longest, TRY_AGAIN));
      for (let at = states.nextAt(); at !== null && at <= until && !signal.aborted; at = states.nextAt()) {
        await clock.sleep(Math.max(0, at - clock.monotonicMs()), signal);
        work = sumOfWork(work, await run(lookAtAll(watcher, states, signal)));
      }
      return work;
    });

  let endsWith: AbortSignal | null = null;
  const endWith = (signal: AbortSignal): void => {
    if (endsWith === signal) return;
    endsWith = signal;
    signal.addEventListener('abort', () => states.keep(new Set()), { once: true });
  };

  return {
    name: 'watches',
    work: (turn) => {
      endWith(turn.signal);
      seenStirs = watcher.stirs.count();
      return workOnce(turn);
    },
    nextDue: () =>
      steps(async () => {
        const next = states.nextAt();
        return next === null ? null : clock.nowMicros() + Math.ceil((next - clock.monotonicMs()) * 1000);
      }),
    // Many files come at once: they are looked at together.
    stirred: async (signal) => {
      await watcher.stirs.after(seenStirs, signal);
      await clock.sleep(SHORTEST, signal);
    },
  };
};

/** Looks at every folder whose time has come, one after another. */
const lookAtAll = (
  watcher: Watcher,
  states: WatchedStates,
  signal: AbortSignal,
): TE.TaskEither<PondError, WorkDone> =>
  steps(async ({ run, take }) => {
    const { clock, locks } = watcher.pond.ports;
    const entries = await run(enabledWatches(watcher));
    states.keep(new Set(entries.map(({ path }) => path)));
    let work = NOTHING_DONE;
    for (const { path, words } of entries) {
      if (words === null || signal.aborted) continue;
      const state = states.of(path, words);
      if (!isDue(watcher, state)) continue;
      // Of several that serve a pond one takes a batch in; the others look again after it.
      const lock = take<{ readonly release: () => void } | null>(
        locks.tryAcquire(layout(watcher.pond.directory).watchLock)(),
      );
      if (lock === null) {
        state.nextAt = clock.monotonicMs() + SHORTEST;
        continue;
      }
      try {
        work = sumOfWork(work, await run(lookAtWatch(watcher, path, state, signal)));
      } finally {
        lock.release();
      }
    }
    return work;
  });

/** The watches of the newest state that this machine looks at. */
const enabledWatches = ({ pond, sayOnce }: Watcher): TE.TaskEither<PondError, readonly WatchEntry[]> =>
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

const isDue = (
  { pond: { ports }, how, stirs }: Watcher,
  { lookedAt, nextAt, seen }: WatchedState,
): boolean => {
  const now = ports.clock.monotonicMs();
  if (nextAt !== null && nextAt <= now) return true;
  const pause = now - lookedAt;
  return pause >= LONGEST || (pause >= SHORTEST && (stirs.count() > seen || how === 'once'));
};
