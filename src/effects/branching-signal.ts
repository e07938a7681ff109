import { OwnStopSign, type StopSign } from './stop-sign.js';

/** A signal with as many branches as are wanted. */
export interface BranchingSignal {
  /** The common signal, for any number of listeners. */
  readonly sign: StopSign;
  /** A branch for work that begins: its signal aborts with the common one and for the same reason. */
  readonly begin: () => AbortController;
  /** The work of a branch is over, and nothing listens to it any more: other work may have it. */
  readonly over: (branch: AbortController) => void;
  /** Runs work with a branch of its own. */
  readonly within: <A>(work: (branch: AbortSignal) => Promise<A>) => Promise<A>;
  /** Lets go of the common signal. */
  readonly end: () => void;
}

/** Branches that nobody has: they are all alike. */
const free: AbortController[] = [];

/** Number of those that are kept: more seldom run side by side. */
const MOST_FREE = 100;

/**
 * Branches of one signal: however many operations run side by side, the signal that everything hangs on has one listener,
 * and the runtime does not take them for a leak. What is over leaves its branch to others, of whatever signal, since a new
 * one costs more than most of what is done here.
 */
export const branchingSignal = (signal: AbortSignal): BranchingSignal => {
  const branches = new Set<AbortController>();
  const sign = new OwnStopSign();
  if (signal.aborted) sign.abort();
  const abort = () => {
    sign.abort();
    for (const branch of branches) branch.abort(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  const begin = (): AbortController => {
    const branch = free.pop() ?? new AbortController();
    if (signal.aborted) branch.abort(signal.reason);
    branches.add(branch);
    return branch;
  };
  const over = (branch: AbortController): void => {
    branches.delete(branch);
    if (!branch.signal.aborted && free.length < MOST_FREE) free.push(branch);
  };
  return {
    sign,
    begin,
    over,
    within: async (work) => {
      const branch = begin();
      try {
        return await work(branch.signal);
      } finally {
        over(branch);
      }
    },
    end: () => signal.removeEventListener('abort', abort),
  };
};
