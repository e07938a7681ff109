import { chosenSeed } from '../crash/machinery/chosen-seed.js';
import { SHARE } from './times.js';

/** The numbers from 1 to `count` that are tried: all, or in `npm test` a share that begins at a place chosen by the seed, with the last one. */
export const sampleOf = (count: number): readonly number[] => {
  // Drawn once: of numbers that each had their luck there might be none in a row.
  const place = Math.abs(chosenSeed()) % SHARE;
  return Array.from({ length: count }, (_, index) => index + 1).filter(
    (number) => number === count || number % SHARE === place,
  );
};

/** Those of `all` that are tried: see {@link sampleOf}. */
export const someOf = <A>(all: readonly A[]): A[] => {
  const numbers = new Set(sampleOf(all.length));
  return all.filter((_, index) => numbers.has(index + 1));
};
