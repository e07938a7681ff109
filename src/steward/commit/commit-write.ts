import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommitClaim } from '../../control/claim.js';
import { countOfSameCause, MOST_DERIVED, tasksInChain } from '../../domain/plans/chain.js';
import type { Plan } from '../../domain/plans/plan.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { type HeldLog, heldLog } from '../../effects/held-log.js';
import { steps } from '../../effects/steps.js';
import { loggerIn } from '../../effects/with-span.js';
import { chainFacts } from '../../planner/chain-facts.js';
import { EMPTY_PLAN } from '../../planner/empty-plan.js';
import { NEWEST_RULES } from '../../planner/planner-rules.js';
import { placesOf } from '../../planner/task-places.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { Committed } from '../../tlogfs/tlog.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { runGates } from '../gates/run-gates.js';
import { makePlan } from '../planning/make-plan.js';
import { entriesOf, pendingTasksOf } from '../planning/pending-tasks.js';
import { planOrFailure } from '../planning/plan-of-commit.js';
import { storedPlanOf } from '../planning/stored-plan.js';
import type { Pond } from '../pond/pond.js';
import { beginningWithCommit } from '../tasks/beginning-with-commit.js';
import type { Verdict } from '../trust/pond-trust.js';
import type { Transaction } from './begin-write.js';
import { changedInChain } from './changed-in-chain.js';
import type { Landed } from './finish-write.js';
import { withinWrite } from './inside-write.js';
import { joinSeries } from './join-series.js';

/** Gates, approval, plan, the commit point and its record: the rest of step 2, and steps 3 and 4. */
export const commitWrite = <A>(
  transaction: Transaction,
  value: A,
  operation: string,
): TE.TaskEither<PondError, Landed<A>> => {
  const { pond, identity, persistence, span } = transaction;
  const { cliArgs } = pond.options;
  const held: HeldLog[] = [];
  const gateLog = (): HeldLog => {
    const log = heldLog(pond.ports.logger);
    held.push(log);
    return log;
  };
  const landing = steps<PondError, Landed<A>>(async (s) => {
    const written = await s.run(changesOf(persistence, identity.txnSeq));
    const settled = await s.run(settleTrust(transaction));
    const changes = transaction.asksGates
      ? await s.run(
          withCode(pond, settled, runGates({ ...transaction, gateLog }, written, mayRunGates(settled))),
        )
      : written;
    // What a gate has changed is not what the user has written.
    const trusted = changes === written ? settled : await s.run(pond.trust.judge(persistence));
    const rules = NEWEST_RULES;
    const suppressed =
      suppressionBy(trusted, transaction.suppressed) ?? (await s.run(suppressionByNumber(transaction)));
    const loadsModules = T.of(trusted._tag === 'Trusted');
    const trace = span.context;
    const { chain: causedBy, task } = transaction.around;
    const changed = task === null ? [] : await s.run(changedInChain(pond, persistence, causedBy));
    const chain = chainFacts(pond.tlog.pondId, { causedBy, changedInChain: changed });
    const request = {
      view: persistence,
      changes,
      suppressed,
      chain,
      rules,
      recordedFacts: null,
      loadsModules,
      trace,
    };
    const { plan } = await s.run(withCode(pond, trusted, planOrFailure(makePlan(pond, request), rules)));
    const { checksum } = plan;
    const prepared =
      checksum === EMPTY_PLAN.checksum
        ? undefined
        : pond.control.recordPlanPrepared(identity, storedPlanOf(plan));
    const runsHere = plan.tasks.length > 0 && task === null;
    const left = runsHere ? await s.run(leftToBackground(transaction)) : null;
    // The runner's own record precedes the claims that name it.
    const runnerId = runsHere && left !== 'taken' ? await s.run(pond.runner.ensure()) : null;
    const info = { operation, cliArgs, planChecksum: checksum, plannerVersion: rules, suppressed };
    const noGates = !transaction.asksGates;
    const incarnation = await s.run(pond.place.incarnation());
    const committed = await s.run(
      persistence.commit(
        { ...info, noGates, causedBy, changedInChain: changed, incarnation },
        // One wait for the disk: both are durable before the commit point.
        prepared,
      ),
    );
    // From here on nothing may be reported as a failure of the write.
    for (const { tell } of held) tell();
    pond.configurations.committed(persistence);
    const claims = await recordCommitted(transaction, plan, runnerId, committed)();
    await maintain(pond)();
    const { ended } = transaction;
    const join = joinSeries(transaction, changes);
    const landed = {
      value,
      identity,
      span,
      ended,
      committed,
      changes,
      plan,
      suppressed,
      causedBy,
      claims,
      join,
    };
    return { _tag: 'Landed', ...landed, incarnation, inside: task, background: left };
  });
  const withdraw = () => {
    for (const log of held) log.withdraw();
  };
  return pipe(
    landing,
    TE.tapError(() => TE.fromIO(withdraw)),
  );
};

/** Does work that may run what is configured, which then knows that it is inside this write: nothing may where there is nothing to approve. */
const withCode = <E, A>(pond: Pond, verdict: Verdict, work: TE.TaskEither<E, A>): TE.TaskEither<E, A> =>
  verdict._tag === 'Trusted' && verdict.digest === null ? work : withinWrite(pond, work);

/**
 * Approves what the commit changes of what may run, durably before the commit point, where its user makes it;
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

/**
 * Tells whether the tasks are to be left to the background: `taken` where a runner lives that takes them, `nobody` where none
 * does; null: they are run here. Settings that cannot be read leave nothing to anybody.
 */
const leftToBackground = ({
  pond,
  persistence,
  tasks,
}: Transaction): TE.TaskEither<PondError, Landed<void>['background']> =>
  pipe(
    tasks === null
      ? pipe(
          pond.configurations.settings(persistence),
          TE.match(
            () => 'wait' as const,
            ({ postCommit }) => postCommit,
          ),
          TE.fromTask<'wait' | 'background', PondError>,
        )
      : TE.right(tasks),
    TE.flatMap(
      (asked): TE.TaskEither<PondError, Landed<void>['background']> =>
        asked === 'wait'
          ? TE.right(null)
          : pipe(
              pond.control.backgroundRunner(),
              TE.map((runner) => (runner === null ? 'nobody' : 'taken')),
            ),
    ),
  );

/** A commit by which something might run that this user has not approved lands, and runs nothing. */
const suppressionBy = (trusted: Verdict, suppressed: Suppression | null): Suppression | null =>
  trusted._tag === 'NotTrusted' && trusted.mightRun ? 'not-trusted' : suppressed;

/** A derived commit lands, and sets off nothing, where as many as may be have the same cause. */
const suppressionByNumber = ({
  pond,
  around: { chain, task },
  identity,
}: Transaction): TE.TaskEither<PondError, Suppression | null> => {
  const outermost = tasksInChain(chain, pond.tlog.pondId)[0];
  if (task === null || outermost === undefined) return TE.right(null);
  return pipe(
    pond.control.causedCommits(outermost.parentTxnSeq),
    TE.map((commits) => {
      if (countOfSameCause(chain, commits) < MOST_DERIVED) return null;
      pond.ports.logger.log('warn', 'too_many_derived_commits', {
        txn_seq: identity.txnSeq,
        outermost: printTaskId(outermost),
        most: MOST_DERIVED,
      });
      return 'too-many-derived';
    }),
  );
};

/** Step 4. Where it fails, recovery does it: the data is committed. */
const recordCommitted = (
  { pond, identity, persistence, ended, span, around, signal }: Transaction,
  plan: Plan,
  runnerId: string | null,
  committed: Committed,
): (() => Promise<readonly CommitClaim[] | null>) => {
  const end = ended();
  const begins = runnerId !== null && !signal.aborted;
  return pipe(
    pond.control.recordDataCommitted({
      ...identity,
      basedOnSeq: persistence.base.txnSeq,
      ...end,
      dataFsVersion: committed.version,
      plan: storedPlanOf(plan),
      traceParent: span.context.traceParent,
      tasks: pendingTasksOf(plan),
      ...(pond.fleet === null ? {} : { places: placesOf(plan) }),
      entries: entriesOf(plan),
      claimedBy: runnerId,
      ...(begins ? { beginning: beginningWithCommit(pond, plan, end.timestamp, span.context) } : {}),
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
};

/** Keeps the log fast to read. It changes no data, so where it fails the next commit tries again. */
const maintain = (pond: Pond): (() => Promise<void>) =>
  pipe(
    pond.tlog.maintain(pond.ports.clock.nowMicros()),
    TE.match(
      (error) => pond.ports.logger.log('warn', 'maintenance_failed', { error: describeError(error) }),
      () => undefined,
    ),
  );
