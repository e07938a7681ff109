import type { Clock } from '../../ports/clock.js';

/** Milliseconds between two looks for who has died, and for work that nobody has told of. */
export const LOOK = 1_000;

/** Milliseconds that are between two looks at the same thing at least: where one comes a little early, nothing is left for the next. */
const APART = LOOK / 2;

/** Something that is looked at now and then. */
export interface NowAndThen {
  readonly isDue: () => boolean;
  /** It is looked at: the next look is due a while after this. */
  readonly begin: () => void;
}

export const nowAndThen = ({ monotonicMs }: Pick<Clock, 'monotonicMs'>): NowAndThen => {
  let begunAt = Number.NEGATIVE_INFINITY;
  return {
    isDue: () => monotonicMs() - begunAt >= APART,
    begin: () => {
      begunAt = monotonicMs();
    },
  };
};
