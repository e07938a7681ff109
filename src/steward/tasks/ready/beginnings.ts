import { type Beginning, type CommitToBegin, NOTHING_BEGINS } from '../../../control/fleet-table.js';
import type { Pond } from '../../pond/pond.js';
import { isWatched, newSpanIds } from './begun-tasks.js';
import type { OpenedCommit } from './open-commit.js';

/** Setups that are remembered: each is sent with each claim. */
const KEPT = 8;

/** Memory of what may begin with its claim: commits that were looked at here, and how they are set up: commits after them may be so, too. */
export interface Beginnings {
  /** Takes note how a commit is set up that was found to be as it should; of the commit itself where it is kept open. */
  readonly note: (opened: Pick<OpenedCommit, 'toBegin'>, isKept: boolean) => void;
  /** Forgets a commit. */
  readonly forget: (txnId: string) => void;
  /** Forgets all setups: something was refused, and what is to be refused, too, may have any of them. */
  readonly doubt: () => void;
  /** Attempts that may begin with their claims, of so many tasks. */
  readonly of: (wanted: number) => Beginning;
}

export const beginnings = (pond: Pond): Beginnings => {
  const commits = new Map<string, CommitToBegin>();
  /** The newest last. */
  const setups = new Set<string>();
  return {
    note: ({ toBegin: { commit, setup } }, isKept) => {
      if (commit !== null && isKept) commits.set(commit.txnId, commit);
      if (setup === null) return;
      setups.delete(setup);
      setups.add(setup);
      for (const oldest of setups) {
        if (setups.size <= KEPT) break;
        setups.delete(oldest);
      }
    },
    forget: (txnId) => void commits.delete(txnId),
    doubt: () => setups.clear(),
    of: (wanted) => {
      if (commits.size + setups.size === 0 || isWatched(pond)) return NOTHING_BEGINS;
      return {
        commits: [...commits.values()],
        setups: [...setups],
        spanIds: newSpanIds(pond.ports.ids, wanted),
      };
    },
  };
};
