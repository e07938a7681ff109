import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/claim.js';
import type { Chain } from '../../domain/plans/chain.js';
import type { Plan } from '../../domain/plans/plan.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { Change } from '../../domain/tree/change.js';
import { loggerIn } from '../../effects/with-span.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE } from '../../ports/telemetry-names.js';
import type { Committed, TransactionIdentity } from '../../tlogfs/tlog.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { Stopwatch } from '../pond/stopwatch.js';
import { derivedOf } from '../tasks/derived-commits.js';
import { withDerived } from '../tasks/run-claimable.js';
import { runCommitTasks } from '../tasks/run-commit-tasks.js';
import type { WriteOutcome } from '../transactions.js';

/** A write whose commit point lies behind it. */
export interface Landed<A> {
  readonly _tag: 'Landed';
  readonly value: A;
  readonly identity: TransactionIdentity;
  readonly span: Span;
  readonly ended: Stopwatch['ended'];
  readonly committed: Committed;
  readonly changes: readonly Change[];
  readonly plan: Plan;
  /** Reason why no task is run. */
  readonly suppressed: Suppression | null;
  readonly causedBy: Chain;
  readonly incarnation: string | null;
  /** The task of this pond inside which it was made, whose runner runs what it sets off; null: it was made inside none. */
  readonly inside: TaskId | null;
  /** Null: the control table could not be written, so no task may run. */
  readonly claims: readonly Claim[] | null;
}

/** Steps 5 and 6 of a write transaction, without the lock: runs what is to follow, and says what became of it all. */
export const finishWrite = <A>(
  pond: Pond,
  landed: Landed<A>,
  signal: AbortSignal,
): TE.TaskEither<PondError, WriteOutcome<A>> => {
  const { value, identity, span, committed, suppressed, causedBy, claims } = landed;
  span.set({ [ATTRIBUTE.dataFsVersion]: committed.version });
  const logger = loggerIn(pond.ports.logger, span);
  return pipe(
    tasksAndDerived(pond, landed, signal),
    // The commit is there whatever happened to its tasks: an unreadable table must not turn it into a failure.
    TE.orElse((error): TE.TaskEither<PondError, SetOff | null> => {
      logger.log('error', 'tasks_not_recorded', {
        txn_seq: identity.txnSeq,
        error: describeError(error),
      });
      return TE.right(null);
    }),
    TE.map((setOff) => {
      const outcome = {
        _tag: 'Committed' as const,
        value,
        txnSeq: identity.txnSeq,
        txnId: identity.txnId,
        dataFsVersion: committed.version,
        durability: committed.durability,
        recorded: claims !== null,
        tasksKnown: setOff !== null,
        suppressed,
        tasks: setOff?.tasks ?? [],
        causedBy,
        deferredTo: deferredTo(landed),
        derived: setOff?.derived ?? [],
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

/** Tasks that a commit has set off. */
type SetOff = Pick<Extract<WriteOutcome<void>, { _tag: 'Committed' }>, 'tasks' | 'derived'>;

const NOTHING: SetOff = { tasks: [], derived: [] };

const tasksAndDerived = (
  pond: Pond,
  { identity, span, ended, committed, changes, plan, causedBy, incarnation, inside, claims }: Landed<unknown>,
  signal: AbortSignal,
): TE.TaskEither<PondError, SetOff> => {
  const { txnSeq } = identity;
  // Without tasks, `completed` was recorded with the commit.
  if (claims === null || plan.tasks.length + plan.rejected.length === 0) return TE.right(NOTHING);
  if (inside !== null) {
    return pipe(
      pond.control.getPostCommitTasks(txnSeq),
      TE.map((tasks) => ({ tasks, derived: [] })),
    );
  }
  return pipe(
    withDerived(
      pond,
      txnSeq,
      signal,
      runCommitTasks(pond, {
        commit: { ...identity, dataFsVersion: committed.version, causedBy, incarnation },
        plan,
        changes,
        claims,
        history: new Map(),
        trace: span.context,
        configTxnSeq: txnSeq,
        signal,
        ended,
      }),
    ),
    TE.flatMap((tasks) =>
      pipe(
        derivedOf(pond, txnSeq),
        TE.map((derived) => ({ tasks, derived })),
      ),
    ),
  );
};

/** Nobody runs the tasks of a commit here that was made inside one: its runner will, or where that has died `recover`. */
const deferredTo = ({ inside, plan }: Landed<unknown>): string | null =>
  inside !== null && plan.tasks.length + plan.rejected.length > 0 ? printTaskId(inside) : null;
