import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim, ClaimOutcome } from '../../control/records/claim.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { satisfies } from '../../control/tasks/counts-as.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import { freedDependents } from '../../planner/freed-dependents.js';
import { watchingOf } from '../../planner/watched-tasks.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { PondError } from '../errors.js';
import { readStoredPlan } from '../planning/stored-plan.js';
import { recordedContext } from '../pond/in-span.js';
import type { Pond } from '../pond/pond.js';
import { ofItsTasks, tasksOf } from './commit-of-tasks.js';
import { type FiringWork, firingWork } from './firing-work.js';
import { refuseUntrusted } from './refuse-untrusted.js';
import { runCommitTasks } from './run-commit-tasks.js';
import { historyIn } from './task-history.js';
import type { PlanOfTasks } from './tasks-to-run.js';

export interface ClaimedRun {
  /** The transaction whose configuration is used; for a retry with today's, the newest. */
  readonly configTxnSeq: number;
  readonly signal: AbortSignal;
}

/** Tasks that were run, and all of the commit's tasks as they are then. */
export interface PlanRan {
  readonly ran: readonly Claim[];
  readonly now: readonly TaskStatus[];
}

/**
 * Runs claims of one commit, and after them whatever only waited for them: tasks that were skipped because one of
 * these had failed, or that were left pending because one of these had not ended. They are claimed with them, before
 * anything runs, so that a crash in between forgets none.
 */
export const runPlan = (
  pond: Pond,
  claims: readonly Claim[],
  run: ClaimedRun,
): TE.TaskEither<PondError, PlanRan> => {
  const [first] = claims;
  if (first === undefined) return TE.right({ ran: [], now: [] });
  const { txnId } = first;
  return steps(async (s) => {
    const work = await s.run(
      first.firing === undefined ? commitWork(pond, first, run) : firingWork(pond, first.firing),
    );
    const { plan } = work;
    const ran: Claim[] = [];
    let next = [...claims, ...(await s.run(claimDependents(pond, work, claims, run)))];
    for (;;) {
      ran.push(...next);
      const records = await s.run(pond.control.records({ txnId }));
      const traceParent = records.find((record) => record.traceParent !== null)?.traceParent ?? null;
      const now = await s.run(
        runCommitTasks(pond, {
          ...work,
          claims: next,
          history: historyIn(records),
          trace: recordedContext(traceParent),
          signal: run.signal,
        }),
      );
      const asked = run.signal.aborted ? [] : askedAgain(plan, ran, now);
      next = asked.length === 0 ? [] : [...(await s.run(claimEach(pond, asked, run)))];
      if (next.length === 0) return { ran, now };
    }
  });
};

/** A commit as work: its tasks see exactly what it has committed, and its changes. */
const commitWork = (
  pond: Pond,
  { parentTxnSeq, txnId }: Claim,
  { configTxnSeq }: ClaimedRun,
): TE.TaskEither<PondError, FiringWork> =>
  steps(async (s) => {
    const commit = await s.run(pond.tlog.commitOf(parentTxnSeq));
    await s.run(refuseUntrusted(pond, [configTxnSeq]));
    const view = await s.run(pond.tlog.snapshot(parentTxnSeq));
    return {
      commit: ofItsTasks({ parentTxnSeq, txnId }, commit),
      plan: await s.run(planOfTasks(pond, txnId)),
      changes: await s.run(changesOf(view, parentTxnSeq)),
      configTxnSeq,
    };
  });

/** Tasks that look at others, and that have become pending because what they saw has changed; each is run again once. */
const askedAgain = (
  plan: PlanOfTasks,
  ran: readonly Claim[],
  now: readonly TaskStatus[],
): readonly TaskStatus[] => {
  const watching = watchingOf(plan);
  const known = new Set(ran.map(({ executionSeq }) => executionSeq));
  const asked = new Set(
    ran.flatMap(({ executionSeq }) => watching.watchedBy(executionSeq)).filter((seq) => !known.has(seq)),
  );
  return now.filter(({ executionSeq, state }) => state === 'pending' && asked.has(executionSeq));
};

const planOfTasks = (pond: Pond, txnId: string): TE.TaskEither<PondError, PlanOfTasks> =>
  pipe(
    pond.control.planOf({ txnId }),
    TE.map((stored) => {
      const plan = stored === null ? null : readStoredPlan(stored);
      // A plan that was lost with the control table leaves the tasks in the order of their sequence.
      return plan === null || isLeft(plan) ? NO_PLAN : plan.right;
    }),
  );

/** Order of tasks whose plan was lost with a control table: none is known. */
export const NO_PLAN: PlanOfTasks = { tasks: [], edges: [], rejected: [], max_concurrency: 1, checksum: '' };

const claimDependents = (
  pond: Pond,
  { plan, commit }: FiringWork,
  claims: readonly Claim[],
  run: ClaimedRun,
): TE.TaskEither<PondError, readonly Claim[]> => {
  const mayFollow = plan.tasks.some(
    ({ depends_on, blocked_by, waits_for }) =>
      depends_on.length + blocked_by.length > 0 || waits_for !== undefined,
  );
  if (!mayFollow) return TE.right([]);
  return pipe(
    tasksOf(pond, commit),
    TE.flatMap((tasks) => {
      const statusOf = new Map(tasks.map((task) => [task.executionSeq, task]));
      const freed = freedDependents(plan, new Set(claims.map(({ executionSeq }) => executionSeq)), (seq) => {
        const status = statusOf.get(seq);
        if (status === undefined) return 'other';
        if (satisfies(status)) return 'completed';
        if (status.state === 'pending') return 'pending';
        return status.state === 'skipped' ? 'waiting' : 'other';
      });
      const dependents = freed.flatMap((seq) => statusOf.get(seq) ?? []);
      return dependents.length === 0 ? TE.right([]) : claimEach(pond, dependents, run);
    }),
  );
};

/** Claims what is unfinished as it is, and what has ended again; warns of what another runner holds. */
export const claimEach = (
  pond: Pond,
  tasks: readonly TaskStatus[],
  { configTxnSeq }: ClaimedRun,
): TE.TaskEither<PondError, readonly Claim[]> => {
  const unfinished = tasks.filter(({ state }) => state === 'pending' || state === 'started');
  const ended = tasks.filter((task) => !unfinished.includes(task));
  return steps(async ({ run }) => {
    const runnerId = await run(pond.runner.ensure());
    const claimed = unfinished.length === 0 ? NONE : await run(pond.control.claim(runnerId, unfinished));
    const reopening = { timestamp: pond.ports.clock.nowMicros(), configTxnSeq };
    const reopened =
      ended.length === 0 ? NONE : await run(pond.control.recordPostCommitPending(runnerId, ended, reopening));
    sayBusy(pond, [...claimed.busy, ...reopened.busy]);
    return [...claimed.claimed, ...reopened.claimed];
  });
};

const NONE: ClaimOutcome = { claimed: [], busy: [] };

const sayBusy = (pond: Pond, busy: ClaimOutcome['busy']): void => {
  for (const { task, runner } of busy) {
    pond.ports.logger.log('info', 'task_held_by_runner', { task: printTaskId(task), pid: runner.pid });
  }
};
