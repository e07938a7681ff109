import type { ReadyClaim } from '../../control/fleet-table.js';
import { type BranchingSignal, branchingSignal } from '../../effects/branching-signal.js';

/** Tasks that this worker runs side by side, each under the claim by which it has taken it. */
export interface RunningClaims {
  /** Begins to run tasks; what they do is aborted with `signal`, also after the turn that began them has failed. */
  readonly begin: (claims: readonly ReadyClaim[], signal: AbortSignal) => void;
  /** Number of those that have a place. */
  readonly size: () => number;
  /** Nothing runs, and what has run is counted. */
  readonly areOver: () => boolean;
  /** Tokens of their claims. */
  readonly tokens: () => readonly number[];
  readonly has: (token: number) => boolean;
  /** Says of some whether others are there for their places, or nobody is for now: nobody has to wait for their ends then. */
  readonly setReplaced: (tokens: readonly number[], isReplaced: boolean) => void;
  /** Resolves when the next of them ends whose place is not taken, or when nothing runs any more; rejects by a defect of any. */
  readonly nextFreed: () => Promise<void>;
}

/** Runs claims of one commit; `over`: one of them has ended, while others may go on. */
export type RunTogether = (
  claims: readonly ReadyClaim[],
  signal: AbortSignal,
  over: (claim: Pick<ReadyClaim, 'token'>) => void,
) => Promise<void>;

export const runningClaims = (run: RunTogether): RunningClaims => {
  /** Tokens of what runs, or has ended and is not over yet. */
  const running = new Set<number>();
  /** Those of them that have ended, and whose places are not theirs any more. */
  const replaced = new Set<number>();
  /** Number of groups that were begun together and are not all over. */
  let together = 0;
  let wake: (defect?: Promise<never>) => void = () => undefined;
  let branching: { readonly signal: AbortSignal; readonly branches: BranchingSignal } | null = null;

  const branchesOf = (signal: AbortSignal): BranchingSignal => {
    if (branching?.signal !== signal) branching = { signal, branches: branchingSignal(signal) };
    return branching.branches;
  };

  const over = ({ token }: Pick<ReadyClaim, 'token'>): void => {
    const isReplaced = replaced.delete(token);
    if (running.delete(token) && !isReplaced) wake();
  };

  const beginTogether = (claims: readonly ReadyClaim[], signal: AbortSignal): void => {
    together += 1;
    for (const { token } of claims) running.add(token);
    const end = (): void => {
      together -= 1;
      claims.forEach(over);
    };
    branchesOf(signal)
      .within((branch) => run(claims, branch, over))
      .then(
        () => {
          end();
          if (together === 0) wake();
        },
        (defect: unknown) => {
          end();
          wake(Promise.reject(defect));
        },
      );
  };

  return {
    begin: (claims, signal) => {
      for (const those of togetherOf(claims)) beginTogether(those, signal);
    },
    size: () => running.size - replaced.size,
    areOver: () => together === 0,
    tokens: () => [...running],
    has: (token) => running.has(token),
    setReplaced: (tokens, isReplaced) => {
      for (const token of tokens)
        isReplaced && running.has(token) ? replaced.add(token) : replaced.delete(token);
    },
    nextFreed: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
};

/** Tasks of a commit that have begun with their claims go together, since an execution costs more than such a task; each of the others by itself. */
const togetherOf = (claims: readonly ReadyClaim[]): readonly (readonly ReadyClaim[])[] => {
  const begun = new Map<string, ReadyClaim[]>();
  const alone: ReadyClaim[][] = [];
  for (const claim of claims) {
    const others = claim.begun === null ? undefined : begun.get(claim.txnId);
    if (others !== undefined) others.push(claim);
    else if (claim.begun === null) alone.push([claim]);
    else begun.set(claim.txnId, [claim]);
  }
  return [...alone, ...begun.values()];
};
