import { getOrElse } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { steps } from '../../effects/steps.js';
import { isEmptyPlan } from '../../planner/empty-plan.js';
import { adoptGroups } from '../attempts/left-groups.js';
import { findInterruption } from '../commit/rolling-forward/roll-forward.js';
import { migrateControl } from '../commit/writers/writer-lock.js';
import type { PondError } from '../errors.js';
import { clearAbandonedContents } from '../pond/export-contents.js';
import { refuseInsideTask } from '../pond/inside/surroundings.js';
import { layout, type Pond } from '../pond/pond.js';
import type { RecoverOptions, RecoveryReport } from '../shapes/upkeep.js';
import { ofOneCommit } from '../tasks/of-one-commit.js';
import { refuseUntrusted } from '../tasks/refuse-untrusted.js';
import { runClaimable } from '../tasks/run-claimable.js';
import { clearAfterDead, findForeign, removeDeadRunners } from './dead-runners.js';
import { recoverHostPlans } from './recover-host-plans.js';
import { type Repaired, repair, wouldRepair } from './repair-transactions.js';
import { findIncomplete } from './unfinished-work.js';

/**
 * Finishes what crashes left: rolls an interrupted write forward or records it as failed, closes reads whose process
 * is gone, undoes or completes host plans, and runs the tasks that are unfinished and that no live runner holds, each
 * at its own commit and with its configuration. May itself be interrupted and repeated at any point; two at once share
 * the tasks.
 */
export const recover = (pond: Pond, options: RecoverOptions): TE.TaskEither<PondError, RecoveryReport> => {
  const { dryRun = false, postCommitOnly = false, signal = new AbortController().signal } = options;
  return steps(async ({ run }): Promise<RecoveryReport> => {
    await run(refuseInsideTask(pond, 'recover'));
    if (!dryRun) await run(refuseToRecover(pond, options));
    if (postCommitOnly && !dryRun) await run(migrateControl(pond, signal));
    const repaired = postCommitOnly ? NOTHING : await run(dryRun ? wouldRepair(pond) : repair(pond, signal));
    // Before the tasks, which may be at the same places.
    const host = postCommitOnly ? NO_HOST_PLANS : await recoverHostPlans(pond, { dryRun })();
    const processGroups = options.adopt === true ? await run(adoptGroups(pond, { dryRun })) : [];
    const selected = await run(selectTasks(pond, options));
    const tasks = dryRun ? selected : await run(runTasks(pond, selected, options, signal));
    const madeElsewhere = postCommitOnly ? [] : await run(findForeign(pond));
    const adopt = options.adopt === true && !postCommitOnly;
    if (!dryRun) await run(removeDeadRunners(pond, { adopt }));
    // After the tasks: undoing a host plan may have brought contents back.
    const exportContents = clearAbandonedContents(pond.ports, layout(pond.directory).control, {
      dryRun,
      adopt,
    })();
    const remaining = await run(findIncomplete(pond));
    pond.ports.logger.log('info', 'recovery_complete', {
      dry_run: dryRun,
      rolled_forward: repaired.commits.length,
      failed_transactions: repaired.failed.length,
      host_plans: host.hostPlans.length,
      tasks: tasks.length,
      remaining_tasks: remaining.tasks.length,
    });
    return {
      dryRun,
      rolledForward: repaired.commits.map(({ txnSeq, txnId }) => ({ txnSeq, txnId })),
      failed: repaired.failed.map(({ txnId, transactionType }) => ({ txnId, transactionType })),
      rebuilt: repaired.rebuilt,
      gone: repaired.gone.map(({ txnSeq, txnId }) => ({ txnSeq, txnId })),
      ...host,
      exportContents,
      processGroups,
      madeElsewhere,
      tasks,
      remaining,
    };
  });
};

/**
 * Repairs, without running a task, what crashes left of transactions and host plans. For whoever runs the tasks by
 * themselves.
 */
export const repairPond = (pond: Pond, signal: AbortSignal): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    const head = await run(pond.tlog.head());
    if (hasHostPlans(pond)) await run(refuseUntrusted(pond, [head.txnSeq]));
    const { commits, failed } = await run(repair(pond, signal));
    const { hostPlans } = await recoverHostPlans(pond, { dryRun: false })();
    await run(clearAfterDead(pond));
    const repaired = { rolled_forward: commits.length, failed_transactions: failed.length };
    pond.ports.logger.log('info', 'recovery_complete', { ...repaired, host_plans: hostPlans.length });
  });

/** Refuses a recovery that would run, or undo on the host, what is not approved, before it repairs anything. */
const refuseToRecover = (pond: Pond, options: RecoverOptions): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    const selected = await run(selectTasks(pond, options));
    const { unrecorded } = await run(findInterruption(pond));
    const head = await run(pond.tlog.head());
    await run(
      refuseUntrusted(pond, [
        ...(options.currentConfig === true && selected.length > 0
          ? [head.txnSeq]
          : selected.map(({ parentTxnSeq, firing }) => (firing === undefined ? parentTxnSeq : head.txnSeq))),
        ...unrecorded.filter(({ planChecksum }) => !isEmptyPlan(planChecksum)).map(({ txnSeq }) => txnSeq),
        ...(options.postCommitOnly !== true && hasHostPlans(pond) ? [head.txnSeq] : []),
      ]),
    );
  });

const hasHostPlans = ({ ports, directory }: Pond): boolean =>
  getOrElse(() => 0)(ports.hostPlans(directory).countAbandoned()) > 0;

const NO_HOST_PLANS: Pick<RecoveryReport, 'hostPlans' | 'hostPlansProblem'> = {
  hostPlans: [],
  hostPlansProblem: null,
};

const NOTHING: Repaired = { commits: [], failed: [], rebuilt: 0, gone: [] };

/**
 * Unfinished tasks that no live runner holds and whose time has come, and the failed ones where they are asked for.
 */
const selectTasks = (pond: Pond, options: RecoverOptions): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  pipe(
    findIncomplete(pond),
    TE.map(({ tasks, failedTasks }) =>
      [
        ...tasks.filter((task) => task.runner === null && isDue(pond, task)),
        ...(options.failed === true || options.postCommitOnly === true ? failedTasks : []),
      ]
        .filter(
          ({ parentTxnSeq, firing }) =>
            options.txnSeq === undefined || (parentTxnSeq === options.txnSeq && firing === undefined),
        )
        .filter(({ factoryName }) => options.factory === undefined || factoryName === options.factory),
    ),
  );

/** Tells whether a pending task may begin: a failure before it may have asked for some time. */
const isDue = ({ ports }: Pond, { notBefore }: TaskStatus): boolean =>
  notBefore === null || notBefore <= ports.clock.nowMicros();

/** Commit by commit, oldest first. */
const runTasks = (
  pond: Pond,
  tasks: readonly TaskStatus[],
  { currentConfig = false }: RecoverOptions,
  signal: AbortSignal,
): TE.TaskEither<PondError, readonly TaskStatus[]> => {
  const commits = ofOneCommit(tasks);
  return steps(async ({ run }) => {
    const newest = currentConfig && commits.length > 0 ? (await run(pond.tlog.head())).txnSeq : null;
    const ran: TaskStatus[] = [];
    for (const ofCommit of commits) {
      const configTxnSeq = newest ?? ofCommit[0]?.parentTxnSeq ?? 0;
      ran.push(...(await run(runClaimable(pond, ofCommit, { configTxnSeq, signal }))));
    }
    return ran;
  });
};
