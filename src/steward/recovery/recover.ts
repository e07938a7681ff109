import { getOrElse, isRight } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../../control/control-error.js';
import { runnersDirectory } from '../../control/runners/runner-locks.js';
import type { TaskStatus } from '../../control/task-status.js';
import type { OpenTransaction } from '../../control/transaction-summary.js';
import { steps } from '../../effects/steps.js';
import { isEmptyPlan } from '../../planner/empty-plan.js';
import { adoptGroups } from '../attempts/left-groups.js';
import { findInterruption, type RolledForward, rollForward } from '../commit/roll-forward.js';
import { migrateControl, withWriterLock } from '../commit/writer-lock.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { type AbandonedContent, abandonedContents, clearAbandonedContents } from '../pond/export-contents.js';
import { layout, type Pond } from '../pond/pond.js';
import { refuseInsideTask } from '../pond/surroundings.js';
import { ofOneCommit } from '../tasks/of-one-commit.js';
import { refuseUntrusted } from '../tasks/refuse-untrusted.js';
import { runClaimable } from '../tasks/run-claimable.js';
import type { ForeignRecord, RecoverOptions, RecoveryReport } from '../upkeep.js';
import { recoverHostPlans } from './recover-host-plans.js';
import { sweepBeside, sweepLeftovers } from './sweep-leftovers.js';
import { findIncomplete, isDeadRead } from './unfinished-work.js';

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
    if (!dryRun) await run(removeDeadRunners(pond, adopt));
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

/**
 * Records the end of transactions that lack nothing else: of reads whose process is gone, and of commits whose tasks have all
 * ended, but whose runner died before it could say so. Needs no lock: each end is recorded once.
 */
export const endTransactions = (
  pond: Pond,
  open: readonly OpenTransaction[],
): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    for (const transaction of open) {
      if (transaction.transactionType === 'read') await run(endDeadRead(pond, transaction));
      else await run(pond.control.completeIfEnded(transaction.txnId, pond.ports.clock.nowMicros()));
    }
  });

/** Clears rows and locks of runners that have died, and contents of exports that nobody is at. */
export const clearAfterDead = (pond: Pond): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    await run(removeDeadRunners(pond, false));
    clearAbandonedContents(pond.ports, layout(pond.directory).control, { dryRun: false })();
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

type Repaired = Omit<RolledForward, 'commits'> & {
  readonly commits: readonly { readonly txnSeq: number; readonly txnId: string }[];
};

const NO_HOST_PLANS: Pick<RecoveryReport, 'hostPlans' | 'hostPlansProblem'> = {
  hostPlans: [],
  hostPlansProblem: null,
};

const NOTHING: Repaired = { commits: [], failed: [], rebuilt: 0, gone: [] };

const repair = (pond: Pond, signal: AbortSignal): TE.TaskEither<PondError, Repaired> =>
  steps(async ({ run }) => {
    const ended = await run(withWriterLock(pond, signal, endInterrupted(pond)));
    // What looks left over may be what there is of commits that have just been found gone: maintenance removes that.
    if (ended.gone.length === 0) await removeLeftovers(pond, signal)();
    return ended;
  });

const endInterrupted = (pond: Pond): TE.TaskEither<PondError, Repaired> =>
  steps(async ({ run }) => {
    const { commits, failed, rebuilt, gone } = await run(rollForward(pond));
    const open = await run(pond.control.findIncompleteTransactions());
    const reads = open.filter((transaction) => isDeadRead(pond, transaction));
    await run(endTransactions(pond, [...reads, ...open.filter(({ dataCommitted }) => dataCommitted)]));
    return { commits, failed: [...failed, ...reads], rebuilt, gone };
  });

/**
 * Removes blobs and data files of writes that died before their commit point. They take up room and nothing else, so that
 * recovery goes on where they cannot be removed; and looking at all files takes long in a large pond, so that others may write meanwhile.
 */
const removeLeftovers = (pond: Pond, signal: AbortSignal): T.Task<void> =>
  orSaid(
    pond,
    pond.shared === null
      ? sweepBeside(pond, signal)
      : withWriterLock(pond, signal, sweepLeftovers(pond, { mergedAwayBefore: null, dryRun: false })),
  );

const orSaid = (pond: Pond, work: TE.TaskEither<PondError, unknown>): T.Task<void> =>
  pipe(
    work,
    TE.match(
      (error) =>
        pond.ports.logger.log('warn', 'leftovers_not_removed', {
          error: describeError(error),
          remedy: 'pond fsck',
        }),
      () => undefined,
    ),
  );

const wouldRepair = (pond: Pond): TE.TaskEither<PondError, Repaired> =>
  steps(async ({ run }) => {
    const { transactions: open } = await run(findIncomplete(pond));
    const interruption = await run(findInterruption(pond));
    // What a live writer is at will be recorded by itself.
    const isWriting = open.some(
      ({ transactionType, dataCommitted, isRunning }) =>
        transactionType === 'write' && !dataCommitted && isRunning,
    );
    const { unrecorded, begun } = isWriting ? { unrecorded: [], begun: [] } : interruption;
    const begunIds = new Set(begun.map(({ txnId }) => txnId));
    const landedIds = new Set(unrecorded.map(({ txnId }) => txnId));
    const commits = unrecorded.filter(({ txnId }) => begunIds.has(txnId));
    return {
      commits,
      failed: [
        ...begun.filter(({ txnId }) => !landedIds.has(txnId)),
        ...open.filter((transaction) => isDeadRead(pond, transaction)),
      ],
      rebuilt: unrecorded.length - commits.length,
      gone: interruption.gone.gone,
    };
  });

/** Records the end of such a read, unless another process has done so meanwhile. */
const endDeadRead = (pond: Pond, { txnId }: OpenTransaction): TE.TaskEither<PondError, void> =>
  pipe(
    pond.control.recordFailed(txnId, {
      timestamp: pond.ports.clock.nowMicros(),
      durationMs: null,
      errorMessage: 'interrupted',
    }),
    TE.orElse((error) =>
      pipe(
        pond.control.findIncompleteTransactions(),
        TE.flatMap((open) =>
          open.some((one) => one.txnId === txnId) ? TE.left(error) : TE.of<ControlError, void>(undefined),
        ),
      ),
    ),
  );

/** Rows of dead runners and contents of exports that were made elsewhere. */
const findForeign = ({
  ports,
  directory,
  control,
}: Pond): TE.TaskEither<PondError, readonly ForeignRecord[]> =>
  pipe(
    control.foreignRunners(),
    TE.map((runners) => [
      ...runners.map(({ runnerId, why }): ForeignRecord => ({ kind: 'runner', name: runnerId, why })),
      ...getOrElse((): readonly AbandonedContent[] => [])(
        abandonedContents(ports, layout(directory).control),
      ).flatMap(({ path, why }): readonly ForeignRecord[] =>
        why === null ? [] : [{ kind: 'export_content', name: path.slice(directory.length + 1), why }],
      ),
    ]),
  );

/** Dead runners whose tasks have found others, and the files of their locks. */
export const removeDeadRunners = (
  { ports, directory, control }: Pond,
  adopt: boolean,
): TE.TaskEither<PondError, void> => {
  const lockFiles = ports.files.readDirectory(runnersDirectory(layout(directory).control))();
  // The directory is made for the first runner.
  return control.removeDeadRunners(isRight(lockFiles) ? lockFiles.right : [], { adopt });
};

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
