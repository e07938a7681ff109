import { setTimeout as timer } from 'node:timers/promises';

/** Waits until something outside this process has come to be; fails after `milliseconds`. For real processes only. */
export const eventually = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  milliseconds = 15_000,
): Promise<void> => {
  const deadline = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await timer(10);
  }
};
