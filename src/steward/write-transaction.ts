import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../control/control-table.js';
import type { Plan } from '../domain/plan.js';
import { loggerIn } from '../executor/with-span.js';
import type { Registry } from '../factories/registry.js';
import { EMPTY_PLAN } from '../planner/empty-plan.js';
import { planJson } from '../planner/seal-plan.js';
import type { Span } from '../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../ports/telemetry-names.js';
import { changesOf } from '../tinyfs/changes.js';
import type { PondWriter } from '../tinyfs/tinyfs.js';
import type { Committed, TLogWriter, TransactionIdentity } from '../tlogfs/tlog.js';
import { beginRecord } from './begin-record.js';
import { describeAnyError } from './describe-any-error.js';
import { describeError } from './describe-error.js';
import type { PondError } from './errors.js';
import { writerOf } from './filesystems.js';
import { finishWrite, type Landed } from './finish-write.js';
import { callerContext, inSpan } from './in-span.js';
import { registryOfState } from './known-factories.js';
import { makePlan } from './make-plan.js';
import { pendingTasksOf } from './pending-tasks.js';
import { planOrFailure } from './plan-of-commit.js';
import type { Pond } from './pond.js';
import { rollForward } from './roll-forward.js';
import { runBody } from './run-body.js';
import type { TransactionOptions, WriteOutcome, WriteTransaction } from './steward.js';
import { type Stopwatch, startStopwatch } from './stopwatch.js';
import { withWriterLock } from './writer-lock.js';

/**
 * A write transaction, in the order on which everything else relies:
 *
 *   1. `begin` is recorded.
 *   2. The body runs; discovery and planning on the transaction's own view; the plan is stored, durably, as prepared.
 *   3. Blobs, the Parquet file, the log entry: the commit point. Before it nothing happened.
 *   4. In one control transaction: `data_committed`, the plan is active, every task pending and claimed.
 *   5. The lock is released; the tasks are run.
 *   6. `completed`.
 *
 * The writer's lock is held from before 1 until after 4. A crash before 3 leaves a write that the next writer
 * records as failed; a crash between 3 and 4 one that it rolls forward; a later one leaves tasks to `recover`.
 */
export const writeTransaction =
  (pond: Pond) =>
  <E, A>(
    body: (transaction: WriteTransaction) => TE.TaskEither<E, A>,
    options: TransactionOptions = {},
  ): TE.TaskEither<PondError | E, WriteOutcome<A>> => {
    const { telemetry, host } = pond.ports;
    const attributes = { [ATTRIBUTE.pondId]: pond.tlog.pondId };
    return inSpan(telemetry, { name: SPAN.commit, parent: callerContext(host), attributes })((span) =>
      write(pond, span, body, options),
    );
  };

const write = <E, A>(
  pond: Pond,
  span: Span,
  body: (transaction: WriteTransaction) => TE.TaskEither<E, A>,
  options: TransactionOptions,
): TE.TaskEither<PondError | E, WriteOutcome<A>> => {
  const signal = options.signal ?? new AbortController().signal;
  const underTheLock: TE.TaskEither<PondError | E, Landed<A> | Unchanged<A>> = pipe(
    rollForward(pond),
    TE.flatMap(() => begin(pond, signal, span)),
    TE.flatMap((transaction) =>
      pipe(
        perform(transaction, body, options.operation ?? 'write'),
        TE.orElseW((error) => recordFailure(transaction, error)),
      ),
    ),
  );
  return pipe(
    withWriterLock(pond, signal, underTheLock),
    TE.flatMap(
      (landed): TE.TaskEither<PondError | E, WriteOutcome<A>> =>
        landed._tag === 'Unchanged' ? TE.right(landed) : finishWrite(pond, landed, signal),
    ),
  );
};

/** A write transaction under way. */
interface Transaction {
  readonly pond: Pond;
  readonly span: Span;
  readonly signal: AbortSignal;
  readonly identity: TransactionIdentity;
  readonly ended: Stopwatch['ended'];
  readonly baseVersion: number;
  readonly persistence: TLogWriter;
  readonly registry: Registry;
  readonly fs: PondWriter;
}

/** Step 1. */
const begin = (pond: Pond, signal: AbortSignal, span: Span): TE.TaskEither<PondError, Transaction> =>
  pipe(
    TE.Do,
    TE.bind('head', () => pond.tlog.head()),
    TE.let('stopwatch', () => startStopwatch(pond.ports.clock)),
    TE.let('identity', ({ head, stopwatch }) => ({
      txnSeq: head.txnSeq + 1,
      txnId: pond.ports.ids.uuidV7(),
      timestamp: stopwatch.startedAt,
    })),
    TE.tap(({ head, identity }) => {
      span.set({ [ATTRIBUTE.txnSeq]: identity.txnSeq });
      const { traceParent } = span.context;
      return pond.control.recordBegin(beginRecord(pond, 'write', identity, head.txnSeq, traceParent));
    }),
    TE.bindW('persistence', ({ identity }) => pond.tlog.beginWrite(identity)),
    TE.bindW('registry', ({ persistence }) => TE.fromTask(registryOfState(pond, persistence))),
    TE.map(({ head, stopwatch, identity, persistence, registry }) => ({
      pond,
      span,
      signal,
      identity,
      ended: stopwatch.ended,
      baseVersion: head.version,
      persistence,
      registry,
      fs: writerOf(persistence, identity, pond.ports.ids, registry),
    })),
  );

type Unchanged<A> = Extract<WriteOutcome<A>, { _tag: 'Unchanged' }>;

/** Steps 2 to 4. An error means that nothing was committed. */
const perform = <E, A>(
  transaction: Transaction,
  body: (transaction: WriteTransaction) => TE.TaskEither<E, A>,
  operation: string,
): TE.TaskEither<PondError | E, Landed<A> | Unchanged<A>> => {
  const { identity, fs, registry, signal, span } = transaction;
  return pipe(
    runBody(() =>
      body({ txnSeq: identity.txnSeq, txnId: identity.txnId, fs, registry, signal, trace: span.context }),
    ),
    TE.filterOrElseW(
      () => !signal.aborted,
      (): PondError => ({ _tag: 'Interrupted', call: operation }),
    ),
    TE.flatMap(
      (value): TE.TaskEither<PondError, Landed<A> | Unchanged<A>> =>
        transaction.persistence.written().length === 0
          ? endUnchanged(transaction, value)
          : commit(transaction, value, operation),
    ),
  );
};

const endUnchanged = <A>(
  { pond, persistence, identity, baseVersion, ended }: Transaction,
  value: A,
): TE.TaskEither<PondError, Unchanged<A>> =>
  pipe(
    persistence.abort(),
    TE.flatMap(() => pond.control.recordCompleted(identity.txnId, ended())),
    TE.map(() => ({
      _tag: 'Unchanged',
      value,
      txnSeq: identity.txnSeq - 1,
      txnId: identity.txnId,
      dataFsVersion: baseVersion,
    })),
  );

const commit = <A>(
  transaction: Transaction,
  value: A,
  operation: string,
): TE.TaskEither<PondError, Landed<A>> => {
  const { pond, identity, persistence, fs, span } = transaction;
  const { suppressed } = pond.options;
  return pipe(
    TE.Do,
    TE.bind('changes', () => changesOf(persistence, identity.txnSeq)),
    TE.bindW('plan', ({ changes }) =>
      pipe(
        planOrFailure(makePlan(pond, { fs, changes, suppressed, recordedFacts: null, trace: span.context })),
        TE.map(({ plan }) => plan),
      ),
    ),
    TE.tap(({ plan }) =>
      plan.checksum === EMPTY_PLAN.checksum
        ? TE.right(undefined)
        : pond.control.recordPlanPrepared(identity, { checksum: plan.checksum, plan: planJson(plan) }),
    ),
    // The runner's own record precedes the claims that name it.
    TE.bindW('runnerId', ({ plan }) => (plan.tasks.length === 0 ? TE.right(null) : pond.runner.ensure())),
    TE.bindW('committed', ({ plan }) =>
      persistence.commit({
        operation,
        cliArgs: pond.options.cliArgs,
        planChecksum: plan.checksum,
        suppressed,
      }),
    ),
    // From here on nothing may be reported as a failure of the write.
    TE.bindW('claims', ({ plan, runnerId, committed }) =>
      TE.fromTask(recordCommitted(transaction, plan, runnerId, committed)),
    ),
    TE.tap(() => TE.fromTask(maintain(pond))),
    TE.map(({ changes, plan, committed, claims }) => ({
      _tag: 'Landed',
      value,
      identity,
      span,
      committed,
      changes,
      plan,
      claims,
    })),
  );
};

/** Step 4. Where it fails, recovery does it: the data is committed. */
const recordCommitted = (
  { pond, identity, ended, span }: Transaction,
  plan: Plan,
  runnerId: string | null,
  committed: Committed,
): (() => Promise<readonly Claim[] | null>) =>
  pipe(
    pond.control.recordDataCommitted({
      ...identity,
      basedOnSeq: identity.txnSeq - 1,
      ...ended(),
      dataFsVersion: committed.version,
      plan: { checksum: plan.checksum, plan: planJson(plan) },
      traceParent: span.context.traceParent,
      tasks: pendingTasksOf(plan),
      claimedBy: runnerId,
    }),
    TE.match(
      (error) => {
        loggerIn(pond.ports.logger, span).log('error', 'commit_not_recorded', {
          txn_seq: identity.txnSeq,
          error: describeError(error),
        });
        return null;
      },
      (claims) => claims,
    ),
  );

/** Keeps the log fast to read. It changes no data, so where it fails the next commit tries again. */
const maintain = (pond: Pond): (() => Promise<void>) =>
  pipe(
    pond.tlog.maintain(pond.ports.clock.nowMicros()),
    TE.match(
      (error) => pond.ports.logger.log('warn', 'maintenance_failed', { error: describeError(error) }),
      () => undefined,
    ),
  );

/** Removes what was staged and records why; the first error is the one that is answered. */
const recordFailure = <E>(
  { pond, persistence, identity, ended }: Transaction,
  error: PondError | E,
): TE.TaskEither<PondError | E, never> =>
  pipe(
    persistence.abort(),
    TE.flatMap(() =>
      pond.control.recordFailed(identity.txnId, {
        ...ended(),
        errorMessage: describeAnyError(error),
      }),
    ),
    TE.match(
      (second) => pond.ports.logger.log('error', 'failure_not_recorded', { error: describeError(second) }),
      () => undefined,
    ),
    TE.fromTask,
    TE.flatMap(() => TE.left(error)),
  );
