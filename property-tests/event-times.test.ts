import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EARLIEST_EVENT_TIME,
  isEventTime,
  LATEST_EVENT_TIME,
  lowerBound,
  upperBound,
} from '../src/domain/tree/event-time.js';
import { times } from '../test/support/times.js';

const stored = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  // Where numbers begin to be further apart than the values, and the ends.
  fc
    .tuple(
      fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 62n, 2n ** 63n - 5000n, -(2n ** 63n) + 5000n),
      fc.bigInt(-4999n, 4999n),
    )
    .map(([near, by]) => near + by),
);

test('the bounds of a stored event time hold it, as tightly as numbers can', async () => {
  await fc.assert(
    fc.asyncProperty(stored, async (micros) => {
      const [lower, upper] = [lowerBound(micros), upperBound(micros)];
      expect(isEventTime(lower) && isEventTime(upper)).toBe(true);
      expect(BigInt(lower) <= micros).toBe(true);
      if (micros <= BigInt(LATEST_EVENT_TIME)) expect(BigInt(upper) >= micros).toBe(true);
      // Where the value is a number, both are the value.
      if (BigInt(Number(micros)) === micros && isEventTime(Number(micros))) {
        expect([lower, upper]).toEqual([Number(micros), Number(micros)]);
      }
      expect(upper - lower).toBeLessThanOrEqual(Math.max(0, Math.abs(upper) * 2 ** -51));
    }),
    times(5000),
  );
});

test('values beyond 64 bits are taken as the first and the last that can be stored', () => {
  expect(lowerBound(-(2n ** 80n))).toBe(EARLIEST_EVENT_TIME);
  expect(upperBound(2n ** 80n)).toBe(LATEST_EVENT_TIME);
});
