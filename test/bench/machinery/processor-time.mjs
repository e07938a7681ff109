import { withDescendants } from './processes.mjs';

/**
 * Processor time of a whole process and of those that it started, milliseconds: what they took of it in their own code and in the
 * kernel. On a machine that has other work this says more than how long one had to wait. Its output goes nowhere.
 */
export const processorTime = (args) => withDescendants(args).milliseconds;

/** Runs processes in turn; returns the processor times of each. Arguments may be a function of the round. */
export const processorTimes = (rounds, contenders) => {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, args] of Object.entries(contenders)) {
      const took = processorTime(typeof args === 'function' ? args(round) : args);
      if (round >= 0) times[name].push(took);
    }
  }
  return times;
};
