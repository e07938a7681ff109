/*
 * Event times are microseconds since the epoch, in 64 bits where they are stored and in numbers here. A number holds
 * each of them exactly up to the year 2255; bounds beyond that are rounded outward, so that they still hold every value.
 */

/** Smallest and largest event time that can be stored: the numbers within the range of 64 bits. */
export const EARLIEST_EVENT_TIME = -(2 ** 63);
export const LATEST_EVENT_TIME = 2 ** 63 - 1024;

/** The largest number that is not above `micros`, at least the earliest event time. */
export const lowerBound = (micros: bigint): number =>
  nearest(micros, (near, step) => (BigInt(near - step) <= micros ? near - step : null));

/** The smallest number that is not below `micros`, at most the latest event time. */
export const upperBound = (micros: bigint): number =>
  nearest(micros, (near, step) => (BigInt(near + step) >= micros ? near + step : null));

/** Tells whether a number can be stored as an event time. */
export const isEventTime = (micros: number): boolean =>
  Number.isInteger(micros) && micros >= EARLIEST_EVENT_TIME && micros <= LATEST_EVENT_TIME;

/** Tries the nearest number, then those beside it, in steps that grow until they reach one. */
const nearest = (micros: bigint, bound: (near: number, step: number) => number | null): number => {
  const near = Number(micros);
  for (let step = 0; ; step = Math.max(1, step * 2)) {
    const found = bound(near, step);
    if (found !== null) return Math.min(LATEST_EVENT_TIME, Math.max(EARLIEST_EVENT_TIME, found));
  }
};
