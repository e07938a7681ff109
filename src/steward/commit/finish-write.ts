import { pipe } from 'fp-ts/lib/function.js';
import type * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommitClaim } from '../../control/records/claim.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import type { Chain } from '../../domain/plans/chain.js';
import type { Plan } from '../../domain/plans/plan.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { Change } from '../../domain/tree/change.js';
import { steps } from '../../effects/steps.js';
import { loggerIn } from '../../effects/with-span.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE } from '../../ports/telemetry-names.js';
import type { Committed, TransactionIdentity } from '../../tlogfs/tlog.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { Stopwatch } from '../pond/stopwatch.js';
import type { WriteOutcome } from '../shapes/transactions.js';
import { derivedOf } from '../tasks/derived-commits.js';
import { withPlaces } from '../tasks/places-of-tasks.js';
import { runCommitTasks } from '../tasks/run-commit-tasks.js';
import { withDerived } from '../tasks/with-derived.js';

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
  /** `taken`: its tasks are left to a background runner; `nobody`: they were to be, and none lived; null: they were not. */
  readonly background: 'taken' | 'nobody' | null;
  /** Null: the control table could not be written, so no task may run. */
  readonly claims: readonly CommitClaim[] | null;
  /** Joins what was appended to series, for their readers; null: there is nothing to join. */
  readonly join: T.Task<void> | null;
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
        inBackground: setOff?.inBackground ?? false,
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
type SetOff = Pick<Extract<WriteOutcome<void>, { _tag: 'Committed' }>, 'tasks' | 'derived' | 'inBackground'>;

const NOTHING: SetOff = { tasks: [], derived: [], inBackground: false };

const tasksAndDerived = (
  pond: Pond,
  landed: Landed<unknown>,
  signal: AbortSignal,
): TE.TaskEither<PondError, SetOff> => {
  const { identity, plan, inside, background } = landed;
  const { txnSeq } = identity;
  return steps(async ({ run }) => {
    // Before its tasks, which may read them.
    await landed.join?.();
    // Without tasks, `completed` was recorded with the commit.
    if (landed.claims === null || plan.tasks.length + plan.rejected.length === 0) return NOTHING;
    if (inside !== null) return { ...NOTHING, tasks: await run(pond.control.getPostCommitTasks(txnSeq)) };
    const claims = background === null ? landed.claims : await run(claimsOfNobody(pond, landed));
    if (claims === null) {
      return { ...NOTHING, tasks: await run(pond.control.getPostCommitTasks(txnSeq)), inBackground: true };
    }
    const tasks = await run(withPlaces(pond, await run(runTasks(pond, { ...landed, claims }, signal))));
    return { tasks, derived: await run(derivedOf(pond, txnSeq)), inBackground: false };
  });
};

/**
 * Claims of a commit that was to be left to the background, where nobody lives who takes them, which is said; null: somebody
 * does. A background runner that has died, or ended, since the commit was planned has left them.
 */
const claimsOfNobody = (
  pond: Pond,
  { identity: { txnSeq }, background, claims, plan, span }: Landed<unknown>,
): TE.TaskEither<PondError, readonly CommitClaim[] | null> =>
  steps(async ({ run }) => {
    const runner = background === 'taken' ? await run(pond.control.backgroundRunner()) : null;
    if (runner !== null) return null;
    loggerIn(pond.ports.logger, span).log('warn', 'no_background_runner', {
      txn_seq: txnSeq,
      says: 'nobody runs tasks of this pond in the background: they are run now',
      remedy: pond.fleet === null ? 'pond serve' : 'pond worker, or pond serve',
    });
    if (background === 'nobody') return claims ?? [];
    const tasks = plan.tasks.map(({ execution_seq: executionSeq }) => ({
      parentTxnSeq: txnSeq,
      executionSeq,
    }));
    return (await run(pond.control.claim(await run(pond.runner.ensure()), tasks))).claimed;
  });

const runTasks = (
  pond: Pond,
  { identity, span, ended, committed, changes, plan, causedBy, incarnation, claims }: Landed<unknown>,
  signal: AbortSignal,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  withDerived(
    pond,
    identity.txnSeq,
    signal,
    runCommitTasks(pond, {
      commit: { ...identity, dataFsVersion: committed.version, causedBy, incarnation },
      plan,
      changes,
      claims: claims ?? [],
      history: new Map(),
      trace: span.context,
      configTxnSeq: identity.txnSeq,
      signal,
      ended,
    }),
  );

/** Nobody runs the tasks of a commit here that was made inside one: its runner will, or where that has died `recover`. */
const deferredTo = ({ inside, plan }: Landed<unknown>): string | null =>
  inside !== null && plan.tasks.length + plan.rejected.length > 0 ? printTaskId(inside) : null;
