import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { innermostTask } from '../../domain/plans/chain.js';
import { steps } from '../../effects/steps.js';
import type { LoggedCommit } from '../../tlogfs/tlog.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/** Commits that are looked at. Tasks that have made so many since are what somebody wants to see. */
const MOST = 1_000;

/**
 * The newest commit that was not made inside a task: what a person did last, and not what that set off. Where there is
 * none among the newest, the newest of all.
 */
export const newestOwnCommit = (pond: Pond): TE.TaskEither<PondError, number> =>
  steps(async ({ run }) => {
    const head = await run(pond.tlog.head());
    for (let txnSeq = head.txnSeq; txnSeq > Math.max(0, head.txnSeq - MOST); txnSeq -= 1) {
      const commit = await pond.tlog.commitOf(txnSeq)();
      // What the log no longer tells of was long before.
      if (isLeft(commit)) break;
      if (!isMadeInsideTask(pond, commit.right)) return txnSeq;
    }
    return head.txnSeq;
  });

const isMadeInsideTask = ({ tlog }: Pond, { suppressed, causedBy }: LoggedCommit): boolean =>
  suppressed === 'inside-task' || innermostTask(causedBy, tlog.pondId) !== null;
