import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { describeError } from '../../steward/describe-error.js';
import type { PondError } from '../../steward/errors.js';
import { type DueSchedule, lookAtSchedules, recordDue } from '../../steward/firings/due-firings.js';
import type { Pond } from '../../steward/pond/pond.js';
import { runClaims } from '../../steward/tasks/run-claimable.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type Turn, type WorkDone } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';

/**
 * Runs what is scheduled, when it is due: of each entry one firing at a time, entries side by side. What others have recorded is
 * left to them; what they leave unfinished is taken up with all other tasks that nobody runs.
 */
export const firingsJob = ({ pond }: ServedPond): PondJob => {
  const { clock, logger } = pond.ports;
  const running = new Map<string, Promise<void>>();
  /** Entries that are looked at again later, monotonic milliseconds: somebody else is at work on them, or they cannot be fired. */
  const resting = new Map<string, number>();
  const said = new Set<string>();
  let work = NOTHING_DONE;
  let refusal: PondError | null = null;

  const note = (path: string, fired: Fired): void => {
    if (fired._tag === 'Done') {
      work = sumOfWork(work, fired.work);
      return;
    }
    resting.set(path, clock.monotonicMs() + REST);
    if (fired.refusal !== null) refusal = fired.refusal;
  };

  const sayOnce = (warning: string): void => {
    if (said.has(warning)) return;
    said.add(warning);
    logger.log('warn', 'schedule_not_fired', { pond: pond.address, reason: warning });
  };

  /** Begins what is due of entries that are not at work here; returns when to look again, milliseconds since the epoch. */
  const beginDue = (signal: AbortSignal): TE.TaskEither<PondError, number | null> =>
    steps(async ({ run }) => {
      const { schedules, warnings } = await run(lookAtSchedules(pond));
      for (const warning of warnings) sayOnce(warning);
      for (const one of schedules) {
        const { path } = one.scheduled;
        if (one.due === null || running.has(path)) continue;
        if ((resting.get(path) ?? 0) > clock.monotonicMs()) continue;
        resting.delete(path);
        const { due } = one;
        running.set(
          path,
          fire(pond, { ...one, due }, signal)
            .then((fired) => note(path, fired))
            .finally(() => running.delete(path)),
        );
      }
      return soonest(schedules);
    });

  const workUntilDone = ({ signal, changed }: Turn): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run, fail }) => {
      work = NOTHING_DONE;
      refusal = null;
      for (;;) {
        const over = new AbortController();
        const change = changed(over.signal);
        try {
          const next = signal.aborted ? null : await run(beginDue(signal));
          // Whoever cannot fire one of them says so when the others have ended.
          if (running.size === 0) return refusal === null ? work : fail(refusal);
          const ends = [...running.values()];
          const wait = next === null ? LONGEST : Math.max(0, next - clock.nowMicros() / 1000);
          const timer = clock.sleep(Math.min(wait, LONGEST), over.signal);
          await Promise.race(signal.aborted ? ends : [change, timer, ...ends]);
        } finally {
          over.abort();
        }
      }
    });

  return {
    name: 'firings',
    work: workUntilDone,
    nextDue: () =>
      steps(async ({ run }) => {
        const next = soonest((await run(lookAtSchedules(pond))).schedules);
        return next === null ? null : next * 1000;
      }),
  };
};

/** Milliseconds between two looks while something runs, and after which an entry that was left alone is looked at again. */
const LONGEST = 30_000;
const REST = 1_000;

/** Result of firing an entry. */
type Fired =
  | { readonly _tag: 'Done'; readonly work: WorkDone }
  /** Somebody else is at work on it; `refusal`: it cannot be fired. */
  | { readonly _tag: 'LeftAlone'; readonly refusal: PondError | null };

/** Runs what is due of one entry, to its end. A firing that was missed is recorded and counts, too. */
const fire = async (
  pond: Pond,
  { scheduled, due }: DueSchedule & { readonly due: NonNullable<DueSchedule['due']> },
  signal: AbortSignal,
): Promise<Fired> => {
  const recorded = await recordDue(pond, scheduled, due)();
  if (isLeft(recorded)) return { _tag: 'LeftAlone', refusal: recorded.left };
  if (recorded.right._tag === 'LeftAlone') return { _tag: 'LeftAlone', refusal: null };
  if (recorded.right._tag === 'Missed') return { _tag: 'Done', work: { done: 1, failed: 0 } };
  const { firing, claims } = recorded.right;
  const ran = await runClaims(pond, claims, { configTxnSeq: claims[0]?.parentTxnSeq ?? 0, signal })();
  if (isLeft(ran)) {
    pond.ports.logger.log('error', 'firing_not_run', { firing, error: describeError(ran.left) });
    return { _tag: 'Done', work: NOTHING_DONE };
  }
  const ended = await pond.control.tasksOfFiring(firing)();
  const tasks = isLeft(ended) ? [] : ended.right;
  const work: WorkDone = {
    done: tasks.filter(({ state }) => state !== 'pending' && state !== 'started').length,
    failed: tasks.filter(({ state }) => state === 'failed').length,
  };
  return { _tag: 'Done', work };
};

const soonest = (schedules: readonly DueSchedule[]): number | null => {
  const times = schedules.flatMap(({ next }) => (next === null ? [] : [next]));
  return times.length === 0 ? null : Math.min(...times);
};
