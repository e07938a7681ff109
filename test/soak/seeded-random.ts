/** Chance that can be repeated: the same seed gives the same choices (mulberry32). */
export interface SeededRandom {
  /** A number from 0 up to, without, 1. */
  readonly fraction: () => number;
  /** A whole number from 0 up to, without, `end`. */
  readonly below: (end: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <A>(all: readonly [A, ...A[]]) => A;
}

export const seededRandom = (seed: number): SeededRandom => {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(fraction() * end);
  return {
    fraction,
    below,
    chance: (probability) => fraction() < probability,
    pick: ([first, ...rest]) => rest[below(rest.length + 1) - 1] ?? first,
  };
};
