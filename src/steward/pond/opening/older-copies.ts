import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { GoneCommits, NewestCommit } from '../../../control/records/known-commits.js';
import { steps } from '../../../effects/steps.js';
import type { Head } from '../../../tlogfs/tlog.js';
import type { PondError } from '../../errors.js';
import type { Pond } from '../pond.js';

/** Facts that tell that an older copy of `data/` or of `control/` was put back beside a newer other one. */
export type OlderCopy =
  /** The control table has recorded commits that the table of the data does not have. */
  | { readonly _tag: 'DataIsOlder'; readonly first: number; readonly last: number }
  /** The table of the data has commits that the control table knows nothing of. */
  | { readonly _tag: 'ControlIsOlder'; readonly first: number; readonly last: number }
  /** Both have a commit of that number, and it is not the same one: each has gone on by itself. */
  | { readonly _tag: 'Apart'; readonly txnSeq: number };

/** Newest commit of each, by which that is told. */
export interface BothEnds {
  readonly newest: NewestCommit;
  readonly head: Head;
}

/**
 * The control table is asked first: whatever it knows by then has been in the log before. `known`: the log has just been looked at, under
 * the writer's lock. `seen`: what the control table has just said.
 */
export const bothEnds = (
  { control, tlog }: Pick<Pond, 'control' | 'tlog'>,
  look?: 'known',
  seen?: NewestCommit,
): TE.TaskEither<PondError, BothEnds> =>
  steps(async ({ run }) => {
    const newest = seen ?? (await run(control.newestCommit()));
    const head = await run(tlog.head(look));
    const isBehind = (newest.commit?.txnSeq ?? 0) > head.txnSeq;
    return { newest, head: isBehind ? await run(tlog.head('again')) : head };
  });

/**
 * Tells whether the data is older than the control table, or each has gone on by itself. Reads one log entry. That the control
 * table is older is told by {@link unknownCommits} only: a writer that died leaves a commit that is not recorded, too.
 */
export const olderCopy = (
  { tlog }: Pick<Pond, 'tlog'>,
  { newest: { commit, isReplaced }, head }: BothEnds,
): TE.TaskEither<PondError, Exclude<OlderCopy, { readonly _tag: 'ControlIsOlder' }> | null> =>
  steps(async ({ fail }) => {
    if (commit === null) return null;
    const { txnSeq, txnId, dataFsVersion } = commit;
    if (isReplaced) return { _tag: 'Apart', txnSeq };
    if (head.txnSeq < txnSeq) return { _tag: 'DataIsOlder', first: head.txnSeq + 1, last: txnSeq };
    const logged = await tlog.commitOf(txnSeq, dataFsVersion)();
    if (!isLeft(logged)) return logged.right.txnId === txnId ? null : { _tag: 'Apart', txnSeq };
    switch (logged.left._tag) {
      // Another engine has removed the entry: nobody can tell.
      case 'CommitForgotten':
        return null;
      case 'CommitGone':
        return { _tag: 'Apart', txnSeq };
      default:
        return fail(logged.left);
    }
  });

/** Commits after the newest recorded one of which the control table knows not even the beginning. */
export const unknownCommits = (
  { control, tlog }: Pick<Pond, 'control' | 'tlog'>,
  { newest: { commit, highestSeq }, head }: BothEnds,
): TE.TaskEither<PondError, readonly number[]> =>
  steps(async ({ run }) => {
    const recorded = commit?.txnSeq ?? 0;
    if (head.txnSeq <= recorded) return [];
    const begun = await run(control.findIncompleteTransactions());
    // What had gone and is there again is known.
    const gone = highestSeq > recorded ? await run(control.commits()) : [];
    const known = new Set([...begun, ...gone].map(({ txnId }) => txnId));
    const after = await run(tlog.commitsAfter(recorded));
    return after.filter(({ txnId }) => !known.has(txnId)).map(({ txnSeq }) => txnSeq);
  });

/** Recorded commits that the log does not have, and those that it has again, as far as that can be told. */
export interface Compared extends GoneCommits {
  /** The newest recorded commit that the log has; 0 where there is none. */
  readonly lastCommon: number;
}

/** Compares every recorded commit with the log. Reads all of it. */
export const compareAll = ({
  control,
  tlog,
}: Pick<Pond, 'control' | 'tlog'>): TE.TaskEither<PondError, Compared> =>
  steps(async ({ run }) => {
    const recorded = await run(control.commits());
    const logged = await run(tlog.commitsAfter(0));
    const ids = new Set(logged.map(({ txnId }) => txnId));
    const numbers = new Set(logged.map(({ txnSeq }) => txnSeq));
    // What was before the oldest entry that is there nobody can tell.
    const oldest = logged[0]?.basedOnSeq ?? 0;
    const told = recorded.filter(({ txnSeq }) => txnSeq > oldest);
    return {
      lastCommon: Math.max(0, ...recorded.filter(({ txnId }) => ids.has(txnId)).map(({ txnSeq }) => txnSeq)),
      gone: told
        .filter(({ txnId, isGone }) => !isGone && !ids.has(txnId))
        .map(({ txnSeq, txnId }) => ({ txnSeq, txnId, isReplaced: numbers.has(txnSeq) })),
      returned: told.filter(({ txnId, isGone }) => isGone && ids.has(txnId)).map(({ txnId }) => txnId),
    };
  });
