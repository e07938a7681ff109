import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/records/claim.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import type { LoggedCommit } from '../../tlogfs/tlog.js';
import type { CommitOfTasks } from '../attempts/run-task.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/** The tasks of a commit, or of a firing, as they are. */
export const tasksOf = (
  { control }: Pick<Pond, 'control'>,
  { txnSeq, firing }: Pick<CommitOfTasks, 'txnSeq' | 'firing'>,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  firing === undefined ? control.getPostCommitTasks(txnSeq) : control.tasksOfFiring(firing);

/** A commit as its own tasks are run for it. */
export const ofItsTasks = (
  { parentTxnSeq, txnId }: Pick<Claim, 'parentTxnSeq' | 'txnId'>,
  { version, causedBy, incarnation = null }: LoggedCommit,
): CommitOfTasks => ({ txnSeq: parentTxnSeq, txnId, dataFsVersion: version, causedBy, incarnation });
