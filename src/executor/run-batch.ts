/**
 * Runs work for items side by side, at most `concurrency` at once, in their order. Starts nothing more once
 * `mayStart` says no; what runs is awaited. `work` never throws.
 */
export const runBatch = async <A>(
  items: readonly A[],
  concurrency: number,
  mayStart: () => boolean,
  work: (item: A) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && mayStart()) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await work(item);
    }
  };
  const workers = Math.min(Math.max(1, concurrency), items.length);
  await Promise.all(Array.from({ length: workers }, worker));
};
