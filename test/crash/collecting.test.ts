import { expect, test } from 'vitest';
import { monthOf } from '../factories/hydrovu/month.js';
import { chosenSeed } from './chosen-seed.js';

const seed = chosenSeed();

test(`a month of collecting from a server with faults, and of runs that are ended, loses and doubles nothing (seed ${seed})`, async () => {
  const { counts, found, expected } = await monthOf(seed, { days: 30, everyHours: 6 });
  expect(counts.committed).toBeGreaterThan(20);
  expect(found).toEqual(expected);
}, 300_000);
