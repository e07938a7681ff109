import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommitClaim } from '../../control/records/claim.js';
import type { Plan } from '../../domain/plans/plan.js';
import { type HeldLog, heldLog } from '../../effects/held-log.js';
import { steps } from '../../effects/steps.js';
import { loggerIn } from '../../effects/with-span.js';
import { EMPTY_PLAN } from '../../planner/empty-plan.js';
import { NEWEST_RULES } from '../../planner/planner-rules.js';
import { placesOf } from '../../planner/task-places.js';
import type { Committed } from '../../tlogfs/tlog.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { entriesOf, pendingTasksOf } from '../planning/pending-tasks.js';
import { storedPlanOf } from '../planning/stored-plan.js';
import type { Pond } from '../pond/pond.js';
import { beginningWithCommit } from '../tasks/ready/beginning-with-commit.js';
import { setupOfTasks } from '../tasks/ready/setup-of-tasks.js';
import type { Transaction } from './begin-write.js';
import { type Decided, decideWrite } from './decide-write.js';
import type { Landed } from './finish-write.js';
import { joinSeries } from './join-series.js';

/** The rest of step 2, the commit point and its record: {@link decideWrite}, and steps 3 and 4. */
export const commitWrite = <A>(
  transaction: Transaction,
  value: A,
  operation: string,
): TE.TaskEither<PondError, Landed<A>> => {
  const { pond, identity, persistence, span, ended, around } = transaction;
  const held: HeldLog[] = [];
  const gateLog = (): HeldLog => {
    const log = heldLog(pond.ports.logger);
    held.push(log);
    return log;
  };
  const landing = steps<PondError, Landed<A>>(async (s) => {
    const decided = await s.run(decideWrite(transaction, NEWEST_RULES, gateLog));
    const { changes, plan, suppressed } = decided;
    const { background, runnerId } = await s.run(runnerOf(transaction, plan));
    const incarnation = await s.run(pond.place.incarnation());
    const setup = pond.fleet === null ? null : await s.run(setupOfTasks(pond, plan, persistence));
    const committed = await s.run(commitPoint(transaction, decided, { operation, incarnation }));
    // From here on nothing may be reported as a failure of the write.
    for (const { tell } of held) tell();
    pond.configurations.committed(persistence);
    const claims = await recordCommitted(transaction, { plan, setup }, runnerId, committed)();
    await maintain(pond)();
    return {
      _tag: 'Landed',
      value,
      identity,
      span,
      ended,
      committed,
      changes,
      plan,
      suppressed,
      causedBy: around.chain,
      incarnation,
      inside: around.task,
      background,
      claims,
      join: joinSeries(transaction, changes),
    };
  });
  const withdraw = () => {
    for (const log of held) log.withdraw();
  };
  return pipe(
    landing,
    TE.tapError(() => TE.fromIO(withdraw)),
  );
};

/** Decides who runs the tasks of the commit: this runner, whose own record precedes the claims that name it, or the background. */
const runnerOf = (
  transaction: Transaction,
  plan: Plan,
): TE.TaskEither<
  PondError,
  { readonly background: Landed<void>['background']; readonly runnerId: string | null }
> =>
  steps(async (s) => {
    if (plan.tasks.length === 0 || transaction.around.task !== null)
      return { background: null, runnerId: null };
    const background = await s.run(leftToBackground(transaction));
    const runnerId = background === 'taken' ? null : await s.run(transaction.pond.runner.ensure());
    return { background, runnerId };
  });

/** Step 3, with one wait for the disk: what is committed and the plan, which is prepared, are both durable before the commit point. */
const commitPoint = (
  { pond, identity, persistence, around, asksGates }: Transaction,
  { plan, rules, suppressed, changedInChain }: Decided,
  about: { readonly operation: string; readonly incarnation: string | null },
): TE.TaskEither<PondError, Committed> => {
  const { checksum } = plan;
  const prepared =
    checksum === EMPTY_PLAN.checksum
      ? undefined
      : pond.control.recordPlanPrepared(identity, storedPlanOf(plan));
  return persistence.commit(
    {
      cliArgs: pond.options.cliArgs,
      planChecksum: checksum,
      plannerVersion: rules,
      suppressed,
      noGates: !asksGates,
      causedBy: around.chain,
      changedInChain,
      ...about,
    },
    prepared,
  );
};

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

/** Step 4. Where it fails, recovery does it: the data is committed. */
const recordCommitted = (
  { pond, identity, persistence, ended, span, around, signal }: Transaction,
  { plan, setup }: { readonly plan: Plan; readonly setup: string | null },
  runnerId: string | null,
  committed: Committed,
): (() => Promise<readonly CommitClaim[] | null>) => {
  const end = ended();
  const begins = runnerId !== null && !signal.aborted;
  return pipe(
    pond.control.recordDataCommitted({
      basedOnSeq: persistence.base.txnSeq,
      dataFsVersion: committed.version,
      plan: storedPlanOf(plan),
      traceParent: span.context.traceParent,
      tasks: pendingTasksOf(plan),
      entries: entriesOf(plan),
      claimedBy: runnerId,
      deferredTo: around.task === null ? null : { task: around.task, runnerId: around.runnerId },
      ...identity,
      ...end,
      ...(pond.fleet === null ? {} : { places: placesOf(plan), setup }),
      ...(begins ? { beginning: beginningWithCommit(pond, plan, end.timestamp, span.context) } : {}),
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
