/** A signal with as many branches as are wanted. */
export interface BranchingSignal {
  /** Runs work with a signal of its own, which aborts with the common one and for the same reason. */
  readonly within: <A>(work: (branch: AbortSignal) => Promise<A>) => Promise<A>;
  /** Lets go of the common signal. */
  readonly end: () => void;
}

/**
 * Branches of one signal: however many operations run side by side, the signal that everything hangs on has one listener,
 * and the runtime does not take them for a leak.
 */
export const branchingSignal = (signal: AbortSignal): BranchingSignal => {
  const branches = new Set<AbortController>();
  const abort = () => {
    for (const branch of branches) branch.abort(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  return {
    within: async (work) => {
      const branch = new AbortController();
      if (signal.aborted) branch.abort(signal.reason);
      branches.add(branch);
      try {
        return await work(branch.signal);
      } finally {
        branches.delete(branch);
      }
    },
    end: () => signal.removeEventListener('abort', abort),
  };
};
