import type { Clock } from '../../ports/clock.js';
import type { PendingCommit } from './pending-commits.js';

/** Milliseconds after which a commit whose tasks could not be run is tried again although nothing about it has changed. */
const TRY_AGAIN = 30_000;

/** Memory of commits whose tasks were tried, each with the mark of how it was then. */
export interface TriedCommits {
  /** It was tried just now; tells whether it had been as it is. */
  readonly note: (id: string, mark: string) => boolean;
  /** It was tried as it is, not long ago. */
  readonly isLeftAlone: (commit: Pick<PendingCommit, 'id' | 'mark'>) => boolean;
  /** Forgets all that are not unfinished any more. */
  readonly keepOnly: (unfinished: ReadonlySet<string>) => void;
}

export const triedCommits = ({ monotonicMs }: Pick<Clock, 'monotonicMs'>): TriedCommits => {
  const tried = new Map<string, { readonly mark: string; readonly until: number }>();
  return {
    note: (id, mark) => {
      const isKnown = tried.get(id)?.mark === mark;
      tried.set(id, { mark, until: monotonicMs() + TRY_AGAIN });
      return isKnown;
    },
    isLeftAlone: ({ id, mark }) => {
      const last = tried.get(id);
      return last !== undefined && last.mark === mark && last.until > monotonicMs();
    },
    keepOnly: (unfinished) => {
      for (const id of [...tried.keys()]) if (!unfinished.has(id)) tried.delete(id);
    },
  };
};
