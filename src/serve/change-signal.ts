/** Tells those who wait that something has changed. */
export interface ChangeSignal {
  /** Something has changed: whoever waits goes on. */
  readonly tell: () => void;
  /** Number of changes told so far. */
  readonly count: () => number;
  /** Resolves as soon as more than `seen` changes have been told, at once where they have, or when `signal` aborts. */
  readonly after: (seen: number, signal: AbortSignal) => Promise<void>;
}

export const changeSignal = (): ChangeSignal => {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    tell: () => {
      count += 1;
      for (const wake of [...waiting]) wake();
    },
    count: () => count,
    after: (seen, signal) =>
      new Promise((resolve) => {
        if (count > seen || signal.aborted) return resolve();
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      }),
  };
};
