import type { Clock } from '../ports/clock.js';

/** Pieces of work between two pauses: of those that wait for nothing this many take a few milliseconds at most. */
const AT_A_TIME = 200;

/**
 * Work that waits for nothing would keep everything else in the process waiting, signals included. Asked after each
 * piece of work: null, or a pause that must be waited for before the next one.
 */
export const pacing = ({ giveWay }: Pick<Clock, 'giveWay'>): (() => Promise<void> | null) => {
  let done = 0;
  return () => {
    done += 1;
    return done % AT_A_TIME === 0 ? giveWay() : null;
  };
};
