import { expect, test } from 'vitest';
import { MOST_REPORTED, reportKeeper } from '../../src/factories/report-keeper.js';
import { memoryLogger } from '../support/memory-logger.js';

const keeper = () => {
  const { logger, lines } = memoryLogger();
  return { ...reportKeeper(logger), refused: () => lines.map(({ event, level }) => `${level} ${event}`) };
};

test('the last report is kept as it was when it was made', () => {
  const { report, kept } = keeper();
  expect(kept()).toBeNull();
  report('first');
  const rows = { count: 1 };
  report(rows);
  rows.count = 2;
  expect(kept()).toEqual({ count: 1 });
});

test('what is larger than 64 KiB, or is not JSON, is not kept, and the log says so', () => {
  const { report, kept, refused } = keeper();
  report('small');
  report('x'.repeat(MOST_REPORTED - 1));
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const value of [circle, 1n, undefined, () => 1]) report(value as never);
  expect(kept()).toBe('small');
  expect(refused()).toEqual(Array.from({ length: 5 }, () => 'warn report_not_kept'));
  report('x'.repeat(MOST_REPORTED - 2));
  expect(kept()).toHaveLength(MOST_REPORTED - 2);
});
