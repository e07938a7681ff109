import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { innermostTask } from '../../domain/plans/chain.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { DerivedCommit } from '../shapes/transactions.js';

/**
 * Commits that were made inside tasks of a commit, and inside tasks of what that set off, oldest first. `after`: only of what
 * was committed since that transaction.
 */
export const derivedOf = (
  pond: Pond,
  txnSeq: number,
  after: number = txnSeq,
): TE.TaskEither<PondError, readonly DerivedCommit[]> =>
  pipe(
    pond.control.causedCommits(after),
    TE.map((caused) => {
      const found = new Set([txnSeq]);
      // A commit is always newer than the one whose task it was made in.
      return caused.filter(({ txnSeq: seq, causedBy }) => {
        const task = innermostTask(causedBy, pond.tlog.pondId);
        return task !== null && found.has(task.parentTxnSeq) && found.add(seq).has(seq);
      });
    }),
    TE.flatMap(
      TE.traverseSeqArray(({ txnSeq: seq, causedBy }) =>
        pipe(
          pond.control.getPostCommitTasks(seq),
          TE.map((tasks) => ({ txnSeq: seq, causedBy, tasks })),
        ),
      ),
    ),
  );
