import type { Clock } from '../ports/clock.js';
import type { PondJob } from './pond-job.js';

/** Milliseconds for which a job waits for another one at most. */
const LONGEST = 300_000;

/** The same two jobs, side by side but for the beginning: the first call of `later` waits until the first one of `first` has ended, well or not. */
export const oneBeforeTheOther = (
  first: PondJob,
  later: PondJob,
  { sleep }: Pick<Clock, 'sleep'>,
): readonly [PondJob, PondJob] => {
  const ended = new AbortController();
  return [
    {
      ...first,
      work: (turn) => async () => {
        try {
          return await first.work(turn)();
        } finally {
          ended.abort();
        }
      },
    },
    {
      ...later,
      work: (turn) => async () => {
        await sleep(LONGEST, AbortSignal.any([ended.signal, turn.signal]));
        return later.work(turn)();
      },
    },
  ];
};
