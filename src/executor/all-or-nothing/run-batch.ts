import type { Eventually } from '../../effects/eventually.js';

/** How a batch is run. */
export interface BatchRun {
  /** Items side by side, at most. */
  readonly concurrency: number;
  /** Asked before each item. */
  readonly mayStart: () => boolean;
  /** See `pacing`. */
  readonly pace: () => Promise<void> | null;
}

/**
 * Runs work for items side by side, in their order. Starts nothing more once `mayStart` says no; what runs is awaited.
 * `work` never throws.
 */
export const runBatch = async <A>(
  items: readonly A[],
  { concurrency, mayStart, pace }: BatchRun,
  work: (item: A) => Eventually<void>,
): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && mayStart()) {
      const item = items[next];
      next += 1;
      const working = item === undefined ? undefined : work(item);
      if (working !== undefined) await working;
      const pause = pace();
      if (pause !== null) await pause;
    }
  };
  const workers = Math.min(Math.max(1, concurrency), items.length);
  await Promise.all(Array.from({ length: workers }, worker));
};
