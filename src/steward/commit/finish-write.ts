import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/claim.js';
import type { TaskStatus } from '../../control/control-record.js';
import type { Change } from '../../domain/change.js';
import type { Plan } from '../../domain/plan.js';
import type { Suppression } from '../../domain/suppression.js';
import { loggerIn } from '../../effects/with-span.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE } from '../../ports/telemetry-names.js';
import type { Committed, TransactionIdentity } from '../../tlogfs/tlog.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { WriteOutcome } from '../steward.js';
import { runCommitTasks } from '../tasks/run-commit-tasks.js';

/** A write whose commit point lies behind it. */
export interface Landed<A> {
  readonly _tag: 'Landed';
  readonly value: A;
  readonly identity: TransactionIdentity;
  readonly span: Span;
  readonly committed: Committed;
  readonly changes: readonly Change[];
  readonly plan: Plan;
  /** Why no task is run. */
  readonly suppressed: Suppression | null;
  /** Null: the control table could not be written, so no task may run. */
  readonly claims: readonly Claim[] | null;
}

/** Steps 5 and 6 of a write transaction, without the lock: runs what is to follow, and says what became of it all. */
export const finishWrite = <A>(
  pond: Pond,
  { value, identity, span, committed, changes, plan, suppressed, claims }: Landed<A>,
  signal: AbortSignal,
): TE.TaskEither<PondError, WriteOutcome<A>> => {
  span.set({ [ATTRIBUTE.dataFsVersion]: committed.version });
  const logger = loggerIn(pond.ports.logger, span);
  const tasks: TE.TaskEither<PondError, readonly TaskStatus[]> =
    // Without tasks, `completed` was recorded with the commit.
    claims === null || plan.tasks.length + plan.rejected.length === 0
      ? TE.right([])
      : runCommitTasks(pond, {
          commit: { ...identity, dataFsVersion: committed.version },
          plan,
          changes,
          claims,
          history: new Map(),
          trace: span.context,
          configTxnSeq: identity.txnSeq,
          signal,
        });
  return pipe(
    tasks,
    // The commit is there whatever happened to its tasks: an unreadable table must not turn it into a failure.
    TE.orElse((error): TE.TaskEither<PondError, readonly TaskStatus[] | null> => {
      logger.log('error', 'tasks_not_recorded', {
        txn_seq: identity.txnSeq,
        error: describeError(error),
      });
      return TE.right(null);
    }),
    TE.map((tasks) => {
      const outcome = {
        _tag: 'Committed' as const,
        value,
        txnSeq: identity.txnSeq,
        txnId: identity.txnId,
        dataFsVersion: committed.version,
        durability: committed.durability,
        recorded: claims !== null && tasks !== null,
        suppressed,
        tasks: tasks ?? [],
      };
      logger.log('info', 'commit_complete', {
        txn_seq: outcome.txnSeq,
        data_fs_version: outcome.dataFsVersion,
        tasks: outcome.tasks.length,
        failed: outcome.tasks.filter(({ state }) => state === 'failed').length,
      });
      return outcome;
    }),
  );
};
