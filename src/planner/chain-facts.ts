import type { PondPath } from '../domain/paths/pond-path.js';
import { type Chain, DEEPEST_CHAIN, innermostTask } from '../domain/plans/chain.js';
import type { SkipReason } from '../domain/plans/plan.js';

/** Facts that a plan depends on about the chain inside which its commit was made. */
export interface ChainFacts {
  /** Tells whether one of its tasks is of the commit's own pond. */
  readonly isDerived: boolean;
  /** The entries of this pond that are in the chain. */
  readonly entries: readonly string[];
  /** Entries that commits of the chain have added, moved or changed, this one included. */
  readonly changed: readonly string[];
  /** Number of links. */
  readonly depth: number;
}

/** The facts of a commit's chain; null where it was made outside of any. */
export const chainFacts = (
  pondId: string,
  { causedBy, changedInChain }: { readonly causedBy: Chain; readonly changedInChain: readonly string[] },
): ChainFacts | null =>
  causedBy.length === 0
    ? null
    : {
        isDerived: innermostTask(causedBy, pondId) !== null,
        entries: causedBy.flatMap(({ pond_id, config_path }) => (pond_id === pondId ? [config_path] : [])),
        changed: changedInChain,
        depth: causedBy.length,
      };

/**
 * Reason why a commit inside a task does not set an entry off; null: the chain does not stand in its way. An entry runs once in
 * a chain, and only where it wishes to and was there before, so that every chain ends.
 */
export const outOfChain = (
  chain: ChainFacts | null,
  path: PondPath,
  isDerived: boolean,
): SkipReason | null => {
  if (chain === null) return null;
  if (chain.depth >= DEEPEST_CHAIN) return { _tag: 'ChainTooDeep', depth: chain.depth };
  if (!chain.isDerived) return null;
  if (!isDerived) return { _tag: 'NotDerived' };
  if (chain.entries.includes(path)) return { _tag: 'InChain' };
  return chain.changed.includes(path) ? { _tag: 'ChangedInChain' } : null;
};
