import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RebuiltCommit } from '../../../control/records/commit-record.js';
import type { LoggedCommit } from '../../../tlogfs/tlog.js';
import type { PondError } from '../../errors.js';
import { pendingTasksOf } from '../../planning/pending-tasks.js';
import { planOfLoggedCommit } from '../../planning/plan-of-commit.js';
import { storedPlanOf } from '../../planning/stored-plan.js';
import type { Pond } from '../../pond/pond.js';
import { readReplica } from '../../pond/replica.js';

/**
 * Records commits that the control table does not know (it was lost, or an older copy was restored), from what their
 * log entries say. Their tasks enter it as skipped: whether they ran is not known, so only a retry runs them.
 */
export const recordUnknownCommits = (
  pond: Pond,
  commits: readonly LoggedCommit[],
): TE.TaskEither<PondError, number> =>
  commits.length === 0
    ? TE.right(0)
    : pipe(
        commits,
        TE.traverseSeqArray((commit) => rebuiltCommit(pond, commit)),
        TE.flatMap((rebuilt) => pond.control.recordRebuilt(rebuilt)),
        TE.tap((added) =>
          added === 0
            ? TE.right(undefined)
            : pipe(
                // What comes from a remote is news, and not what was lost here.
                TE.fromIOEither(readReplica(pond.ports, pond.directory)),
                TE.map((replica) =>
                  pond.ports.logger.log(replica === null ? 'warn' : 'info', 'control_table_completed', {
                    commits: added,
                    ...(replica === null ? ofLost(commits) : {}),
                  }),
                ),
              ),
        ),
      );

/** Facts that whoever runs the pond has to know of commits whose records were lost. */
const ofLost = (commits: readonly LoggedCommit[]): Readonly<Record<string, string | number>> => ({
  first_txn_seq: commits[0]?.txnSeq ?? 0,
  last_txn_seq: commits.at(-1)?.txnSeq ?? 0,
  says: 'their records were lost and are made again; whether their tasks ran is not known, and they count as skipped',
  remedy: 'pond control retry N runs those of commit N',
});

const rebuiltCommit = (pond: Pond, commit: LoggedCommit): TE.TaskEither<PondError, RebuiltCommit> =>
  pipe(
    planOfLoggedCommit(pond, commit),
    TE.map(({ plan, recordedChecksum }) => ({
      txnSeq: commit.txnSeq,
      txnId: commit.txnId,
      basedOnSeq: commit.basedOnSeq,
      timestamp: commit.timestamp,
      dataFsVersion: commit.version,
      durationMs: null,
      cliArgs: commit.cliArgs,
      causedBy: commit.causedBy.length === 0 ? null : commit.causedBy,
      // What the registry said then is lost; a plan that comes out differently now is not the commit's plan.
      plan: plan.checksum === recordedChecksum ? storedPlanOf(plan) : null,
      traceParent: null,
      tasks: pendingTasksOf(plan),
    })),
  );
