import { setTimeout as pause } from 'node:timers/promises';

const INTERVAL_MS = 50;

/** Asks again and again until the answer is true, at most so long; returns whether it was. */
export const becomesTrue = async (asked, timeoutMs) => {
  const last = performance.now() + timeoutMs;
  while (!(await asked())) {
    if (performance.now() > last) return false;
    await pause(INTERVAL_MS);
  }
  return true;
};

/** The same; in vain is an error. */
export const until = async (what, asked, { timeoutMs = 30_000 } = {}) => {
  if (!(await becomesTrue(asked, timeoutMs))) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
};
