import { kindOf } from '../domain/invalid-argument.js';

/**
 * Operations that run side by side: at least one. A value that is not a number would start nothing and look like an end,
 * so it is thrown back at whoever gave it.
 */
export const sideBySide = (concurrency: number): number => {
  if (typeof concurrency === 'number' && !Number.isNaN(concurrency)) return Math.max(1, concurrency);
  const got = typeof concurrency === 'number' ? 'NaN' : kindOf(concurrency);
  throw new TypeError(`options.concurrency: expected a number from 1, got ${got}`);
};
