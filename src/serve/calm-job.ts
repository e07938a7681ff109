import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../ports/clock.js';
import { NOTHING_DONE, type PondJob } from './pond-job.js';

/**
 * A job that asks a store at each look, made to look no more often than each `restMs` milliseconds, or when something is due, however often
 * something changes: records of tasks are changes, and there may be a thousand of them in a second.
 */
export const calmJob = (
  job: PondJob,
  { monotonicMs, nowMicros, sleep }: Pick<Clock, 'monotonicMs' | 'nowMicros' | 'sleep'>,
  restMs: number,
): PondJob => {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let due: number | null = null;
  const restsUntil = (): number => nowMicros() + Math.max(0, lookedAt + restMs - monotonicMs()) * 1000;
  let isResting = false;
  return {
    ...job,
    work: (turn) => {
      isResting = monotonicMs() - lookedAt < restMs && (due === null || due > nowMicros());
      if (isResting) return TE.right(NOTHING_DONE);
      return pipe(
        job.work({
          ...turn,
          changed: async (until) => {
            await Promise.all([turn.changed(until), sleep(restMs, until)]);
          },
        }),
        TE.tapIO(() => () => {
          lookedAt = monotonicMs();
        }),
      );
    },
    nextDue: () =>
      isResting
        ? TE.right(Math.min(restsUntil(), due ?? Number.POSITIVE_INFINITY))
        : pipe(
            job.nextDue(),
            TE.tapIO((next) => () => {
              due = next;
            }),
          ),
  };
};
