import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/claim.js';
import type { Plan } from '../../domain/plan.js';
import type { Suppression } from '../../domain/suppression.js';
import { once } from '../../effects/once.js';
import { steps } from '../../effects/steps.js';
import { loggerIn } from '../../effects/with-span.js';
import type { Registry } from '../../factories/registry/registry.js';
import { chainFacts } from '../../planner/chain-facts.js';
import { EMPTY_PLAN } from '../../planner/empty-plan.js';
import { NEWEST_RULES } from '../../planner/planner-rules.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import type { PondWriter } from '../../tinyfs/tinyfs.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { Committed, Head, TLogWriter, TransactionIdentity } from '../../tlogfs/tlog.js';
import { describeAnyError } from '../describe-any-error.js';
import { describeError } from '../describe-error.js';
import { closedReader } from '../discovery/closed-reader.js';
import type { PondError } from '../errors.js';
import { runGates } from '../gates/run-gates.js';
import { makePlan } from '../planning/make-plan.js';
import { pendingTasksOf } from '../planning/pending-tasks.js';
import { planOrFailure } from '../planning/plan-of-commit.js';
import { storedPlanOf } from '../planning/stored-plan.js';
import { writerOf } from '../pond/filesystems.js';
import { inSpan } from '../pond/in-span.js';
import { nodeLoaderOf, registryOfState } from '../pond/known-factories.js';
import type { Pond } from '../pond/pond.js';
import { type Stopwatch, startStopwatch } from '../pond/stopwatch.js';
import { type Surroundings, surroundingsOf } from '../pond/surroundings.js';
import type { WriteOutcome, WriteTransaction, WriteTransactionOptions } from '../steward.js';
import type { Verdict } from '../trust/pond-trust.js';
import { beginRecord, type RunAbout } from './begin-record.js';
import { changedInChain } from './changed-in-chain.js';
import { finishWrite, type Landed } from './finish-write.js';
import { refuseInsideWrite, withinWrite } from './inside-write.js';
import { type Refused, recordRefused } from './record-refused.js';
import { rollForward } from './roll-forward.js';
import { runBody } from './run-body.js';
import { withWriterLock } from './writer-lock.js';

/** How a write is made. */
export interface WriteOptions extends WriteTransactionOptions {
  /** Whether what it changes of the configuration counts as the user's own doing. Default true. */
  readonly approves?: boolean;
  /** What is run by hand in it. */
  readonly about?: RunAbout;
}

/**
 * A write transaction, in the order on which everything else relies:
 *
 *   0. What might run after it is approved by this user, or the write is refused.
 *   1. `begin` is recorded.
 *   2. The body runs; what it changes of the configuration is approved, durably; the gates of `/etc/gate.d` are asked, and
 *      what they say is recorded: one that refuses ends the transaction; discovery and planning on the transaction's own
 *      view; the plan is stored, durably, as prepared.
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
    body: (transaction: RegisteredWrite) => TE.TaskEither<E, A>,
    options: WriteOptions = {},
  ): TE.TaskEither<PondError | E, WriteOutcome<A>> => {
    const attributes = { [ATTRIBUTE.pondId]: pond.tlog.pondId };
    return pipe(
      refuseInsideWrite(pond),
      TE.flatMap(() => surroundingsOf(pond)),
      TE.flatMap((around) =>
        inSpan(pond.ports.telemetry, { name: SPAN.commit, parent: around.trace, attributes })((span) =>
          orRecordRefused(pond, span, options, (onBegin) =>
            write(pond, { span, around }, body, { ...options, onBegin }, withWriterLock),
          ),
        ),
      ),
    );
  };

/** A write that fails before there is a record of it is recorded as refused. */
const orRecordRefused = <E, A>(
  pond: Pond,
  span: Span,
  { about, describe }: WriteOptions,
  work: (onBegin: () => void) => TE.TaskEither<PondError | E, A>,
): TE.TaskEither<PondError | E, A> => {
  const stopwatch = startStopwatch(pond.ports.clock);
  let hasBegun = false;
  const refused: Refused = {
    ...{ transactionType: 'write', stopwatch, traceParent: span.context.traceParent },
    ...(about === undefined ? {} : { about }),
    ...(describe === undefined ? {} : { describe }),
  };
  return pipe(
    work(() => {
      hasBegun = true;
    }),
    TE.orElse((error) => (hasBegun ? TE.left(error) : recordRefused(pond, refused, error))),
  );
};

/** The place of a write: its span, and inside what it is made. */
interface Place {
  readonly span: Span;
  readonly around: Surroundings;
}

/** The same with what is told as soon as there is a record of the transaction. */
interface BegunOptions extends WriteOptions {
  readonly onBegin?: () => void;
}

/** The same inside a span that is there, under a lock that `underLock` takes. */
export const write = <E, A>(
  pond: Pond,
  place: Place,
  body: (transaction: RegisteredWrite) => TE.TaskEither<E, A>,
  options: BegunOptions,
  underLock: typeof withWriterLock,
): TE.TaskEither<PondError | E, WriteOutcome<A>> =>
  steps(async (s) => {
    const signal = options.signal ?? new AbortController().signal;
    const landed = await s.run(
      underLock(pond, signal, writeUnderLock(pond, place, body, { ...options, signal })),
    );
    return landed._tag === 'Unchanged' ? landed : s.run(finishWrite(pond, landed, signal));
  });

/** Steps 1 to 4. */
const writeUnderLock = <E, A>(
  pond: Pond,
  { span, around }: Place,
  body: (transaction: RegisteredWrite) => TE.TaskEither<E, A>,
  given: BegunOptions & { readonly signal: AbortSignal },
): TE.TaskEither<PondError | E, Landed<A> | Unchanged<A>> =>
  steps(async (s) => {
    const { operation, signal, postCommit, gates, approves = true, about, describe, onBegin } = given;
    const suppressed = suppressionOf(pond, postCommit);
    const asksGates = pond.options.asksGates && gates !== false;
    const trusted = await s.run(judgeBase(pond, suppressed, around, asksGates));
    const { head } = await s.run(rollForward(pond, 'ofOthers'));
    const begun = { pond, span, around, signal, suppressed, trusted, approves, asksGates, about, describe };
    const transaction = await s.run(begin(begun, head));
    onBegin?.();
    const performed = await withinWrite(pond, perform(transaction, body, operation ?? 'write'))();
    return isLeft(performed) ? s.run(recordFailure(transaction, performed.left)) : performed.right;
  });

/** What the steward's own bodies are given: its registry, which can also run factories. */
type RegisteredWrite = Omit<WriteTransaction, 'factories'> & { readonly factories: T.Task<Registry> };

/** Why nothing is run after the commit: for whatever reason the process has, or because this write is to be followed by nothing. */
const suppressionOf = (pond: Pond, postCommit: boolean | undefined): Suppression | null =>
  pond.options.suppressed ?? (postCommit === false ? 'no-post-commit' : null);

/** A write transaction under way. */
interface Transaction {
  readonly pond: Pond;
  readonly span: Span;
  /** What it is made inside of. */
  readonly around: Surroundings;
  readonly signal: AbortSignal;
  readonly suppressed: Suppression | null;
  readonly identity: TransactionIdentity;
  readonly ended: Stopwatch['ended'];
  readonly baseVersion: number;
  readonly persistence: TLogWriter;
  readonly registry: T.Task<Registry>;
  readonly fs: PondWriter;
  /** What this user may run of the state that it is based on. */
  readonly trusted: Verdict;
  /** Whether the user makes the commit, who approves with it what it changes. */
  readonly approves: boolean;
  readonly about: WriteOptions['about'];
  readonly describe: WriteOptions['describe'];
  readonly asksGates: boolean;
}

/**
 * Judges, under the lock and before anything happens: what might run before or after the commit must be approved, or kept
 * from it. What a derived commit sets off is run by whoever runs the task inside which it is made, if that user may; its
 * gates are asked here.
 */
const judgeBase = (
  pond: Pond,
  suppressed: Suppression | null,
  { task }: Surroundings,
  asksGates: boolean,
): TE.TaskEither<PondError, Verdict> =>
  pipe(
    pond.tlog.snapshot(),
    TE.flatMap((view) => pond.trust.judge(view)),
    TE.filterOrElseW(
      (verdict) =>
        verdict._tag === 'Trusted' ||
        !verdict.mightRun ||
        ((suppressed !== null || task !== null) && !(asksGates && verdict.mightRefuse)),
      (verdict): PondError => (verdict as Extract<Verdict, { _tag: 'NotTrusted' }>).refusal,
    ),
  );

/** Step 1. */
const begin = (
  given: Pick<
    Transaction,
    | 'pond'
    | 'span'
    | 'around'
    | 'signal'
    | 'suppressed'
    | 'trusted'
    | 'approves'
    | 'asksGates'
    | 'about'
    | 'describe'
  >,
  head: Head,
): TE.TaskEither<PondError, Transaction> =>
  steps(async (s) => {
    const { pond, span, around, about } = given;
    const { startedAt, ended } = startStopwatch(pond.ports.clock);
    const identity = { txnSeq: head.txnSeq + 1, txnId: pond.ports.ids.uuidV7(), timestamp: startedAt };
    span.set({ [ATTRIBUTE.txnSeq]: identity.txnSeq });
    const { traceParent } = span.context;
    const causedBy = around.chain.length === 0 ? null : around.chain;
    const record = beginRecord(pond, 'write', identity, head.txnSeq, traceParent, about);
    const environment = given.asksGates ? record.environment : { ...record.environment, gates: 'skipped' };
    await s.run(pond.control.recordBegin({ ...record, causedBy, environment }));
    const persistence = await s.run(pond.tlog.beginWrite(identity));
    const registry = once(registryOfState(pond, persistence.base));
    const fs = writerOf(persistence, identity, pond.ports.ids, nodeLoaderOf(pond, registry));
    return { ...given, identity, ended, baseVersion: head.version, persistence, registry, fs };
  });

type Unchanged<A> = Extract<WriteOutcome<A>, { _tag: 'Unchanged' }>;

/** Steps 2 to 4. An error means that nothing was committed. */
const perform = <E, A>(
  transaction: Transaction,
  body: (transaction: RegisteredWrite) => TE.TaskEither<E, A>,
  operation: string,
): TE.TaskEither<PondError | E, Landed<A> | Unchanged<A>> => {
  const { identity, fs, registry, signal, span } = transaction;
  return steps(async (s) => {
    const value = await s.run(
      runBody(() =>
        body({
          txnSeq: identity.txnSeq,
          txnId: identity.txnId,
          fs,
          factories: registry,
          signal,
          trace: span.context,
        }),
      ),
    );
    if (signal.aborted) return s.fail({ _tag: 'Interrupted', call: operation });
    return transaction.persistence.written().length === 0
      ? s.run(endUnchanged(transaction, value))
      : s.run(commit(transaction, value, operation));
  });
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
  const { pond, identity, persistence, span } = transaction;
  const { cliArgs } = pond.options;
  return steps(async (s) => {
    const written = await s.run(changesOf(persistence, identity.txnSeq));
    const settled = await s.run(settleTrust(transaction));
    const changes = transaction.asksGates
      ? await s.run(runGates(transaction, written, mayRunGates(settled)))
      : written;
    // What a gate has changed is not what the user has written.
    const trusted = changes === written ? settled : await s.run(pond.trust.judge(persistence));
    const rules = NEWEST_RULES;
    const suppressed = suppressionBy(trusted, transaction.suppressed);
    const loadsModules = T.of(trusted._tag === 'Trusted');
    const fs = closedReader(persistence);
    const trace = span.context;
    const { chain: causedBy, task } = transaction.around;
    const changed = task === null ? [] : await s.run(changedInChain(pond, persistence, causedBy));
    const chain = chainFacts(pond.tlog.pondId, { causedBy, changedInChain: changed });
    const request = { fs, changes, suppressed, chain, rules, recordedFacts: null, loadsModules, trace };
    const { plan } = await s.run(planOrFailure(makePlan(pond, request), rules));
    const { checksum } = plan;
    if (checksum !== EMPTY_PLAN.checksum)
      await s.run(pond.control.recordPlanPrepared(identity, storedPlanOf(plan)));
    // The runner's own record precedes the claims that name it.
    const runnerId = plan.tasks.length === 0 || task !== null ? null : await s.run(pond.runner.ensure());
    const info = { operation, cliArgs, planChecksum: checksum, plannerVersion: rules, suppressed };
    const noGates = !transaction.asksGates;
    const committed = await s.run(
      persistence.commit({ ...info, noGates, causedBy, changedInChain: changed }),
    );
    // From here on nothing may be reported as a failure of the write.
    const claims = await recordCommitted(transaction, plan, runnerId, committed)();
    await maintain(pond)();
    const { ended } = transaction;
    const landed = { value, identity, span, ended, committed, changes, plan, suppressed, causedBy, claims };
    return { _tag: 'Landed', ...landed, inside: task };
  });
};

/**
 * What the commit changes of what may run is approved with it, durably before the commit point, where its user makes it;
 * never where something that runs does.
 */
const settleTrust = ({
  pond,
  persistence,
  trusted,
  approves,
  around,
}: Transaction): TE.TaskEither<PondError, Verdict> =>
  approves && around.chain.length === 0
    ? pond.trust.approveCommit(persistence, trusted)
    : pond.trust.judge(persistence);

/** Refuses gates that this user has not approved: those that are there, or that the transaction adds. */
const mayRunGates = (trusted: Verdict): TE.TaskEither<PondError, void> =>
  trusted._tag === 'Trusted' ? TE.right(undefined) : TE.left(trusted.refusal);

/** A commit by which something might run that this user has not approved lands, and runs nothing. */
const suppressionBy = (trusted: Verdict, suppressed: Suppression | null): Suppression | null =>
  trusted._tag === 'NotTrusted' && trusted.mightRun ? 'not-trusted' : suppressed;

/** Step 4. Where it fails, recovery does it: the data is committed. */
const recordCommitted = (
  { pond, identity, ended, span, around }: Transaction,
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
      plan: storedPlanOf(plan),
      traceParent: span.context.traceParent,
      tasks: pendingTasksOf(plan),
      claimedBy: runnerId,
      deferredTo: around.task === null ? null : { task: around.task, runnerId: around.runnerId },
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

/** Removes what was staged and records why; the first error is the one that is returned. */
const recordFailure = <E>(
  { pond, persistence, identity, ended, describe }: Transaction,
  error: PondError | E,
): TE.TaskEither<PondError | E, never> =>
  pipe(
    persistence.abort(),
    TE.flatMap(() =>
      pond.control.recordFailed(identity.txnId, {
        ...ended(),
        errorMessage: pond.redact(describeAnyError(error, describe)),
      }),
    ),
    TE.match(
      (second) => pond.ports.logger.log('error', 'failure_not_recorded', { error: describeError(second) }),
      () => undefined,
    ),
    TE.fromTask,
    TE.flatMap(() => TE.left(error)),
  );
