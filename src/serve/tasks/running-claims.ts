import type { ReadyClaim } from '../../control/fleet-table.js';
import { type BranchingSignal, branchingSignal } from '../../effects/branching-signal.js';

/** Tasks that this worker runs side by side, each under the claim by which it has taken it. */
export interface RunningClaims {
  /** Begins to run a task; what it does is aborted with `signal`, also after the turn that began it has failed. */
  readonly begin: (claim: ReadyClaim, signal: AbortSignal) => void;
  readonly size: () => number;
  /** Tokens of their claims. */
  readonly tokens: () => readonly number[];
  readonly has: (token: number) => boolean;
  /** Says of some whether others are there for their places, or nobody is for now: nobody has to wait for their ends then. */
  readonly setReplaced: (tokens: readonly number[], isReplaced: boolean) => void;
  /** Resolves when the next of them ends whose place is not taken, or when nothing runs any more; rejects by a defect of any. */
  readonly nextFreed: () => Promise<void>;
}

export const runningClaims = (
  run: (claim: ReadyClaim, signal: AbortSignal) => Promise<void>,
): RunningClaims => {
  /** Tokens of what runs. */
  const running = new Set<number>();
  const replaced = new Set<number>();
  let wake: (defect?: Promise<never>) => void = () => undefined;
  let branching: { readonly signal: AbortSignal; readonly branches: BranchingSignal } | null = null;

  const branchesOf = (signal: AbortSignal): BranchingSignal => {
    if (branching?.signal !== signal) branching = { signal, branches: branchingSignal(signal) };
    return branching.branches;
  };

  return {
    begin: (claim, signal) => {
      const { token } = claim;
      running.add(token);
      branchesOf(signal)
        .within((branch) => run(claim, branch))
        .then(
          () => {
            running.delete(token);
            const isReplaced = replaced.delete(token);
            if (!isReplaced || running.size === 0) wake();
          },
          (defect: unknown) => {
            running.delete(token);
            replaced.delete(token);
            wake(Promise.reject(defect));
          },
        );
    },
    size: () => running.size,
    tokens: () => [...running],
    has: (token) => running.has(token),
    setReplaced: (tokens, isReplaced) => {
      for (const token of tokens) isReplaced ? replaced.add(token) : replaced.delete(token);
    },
    nextFreed: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
};
