import { performance } from 'node:perf_hooks';

/** Milliseconds that some work takes. */
export const timed = async (work) => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

/**
 * Runs every contender once per round, in turn, so that whatever else the machine does hits all of them alike.
 * Answers the milliseconds of each contender's rounds; `work` is given the round's number.
 */
export const interleaved = async (rounds, warmUp, contenders) => {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const [name, work] of Object.entries(contenders)) {
      const took = await timed(() => work(round));
      if (round >= warmUp) times[name].push(took);
    }
  }
  return times;
};

export const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** The value of a `TaskEither`. */
export const settled = async (work) => {
  const outcome = await work();
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome.left));
  return outcome.right;
};

export const ms = (time) => `${time.toFixed(time < 10 ? 2 : 0)} ms`;
export const times = (ratio) => `${ratio.toFixed(2)} x`;
