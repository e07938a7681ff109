import { expect, test } from 'vitest';
import { monthOf } from './month.js';

test('twelve days of collecting from a server with faults, and of runs that are ended, lose and double nothing', async () => {
  const { counts, found, expected } = await monthOf(20_260_601, { days: 12, everyHours: 12 });
  // There was trouble, and there were commits.
  expect(counts.failed).toBeGreaterThan(1);
  expect(counts.committed).toBeGreaterThan(8);
  expect(found).toEqual(expected);
});
