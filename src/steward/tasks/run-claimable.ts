import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim, ClaimOutcome } from '../../control/claim.js';
import type { ControlRecord, TaskStatus } from '../../control/control-record.js';
import { printTaskId } from '../../domain/task-id.js';
import { steps } from '../../effects/steps.js';
import { freedDependents } from '../../planner/freed-dependents.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { PondError } from '../errors.js';
import { readStoredPlan } from '../planning/stored-plan.js';
import { recordedContext } from '../pond/in-span.js';
import type { Pond } from '../pond/pond.js';
import { refuseUntrusted } from './refuse-untrusted.js';
import { runCommitTasks } from './run-commit-tasks.js';
import type { PlanOfTasks, TaskHistory } from './tasks-to-run.js';

export interface ClaimedRun {
  /** The transaction whose configuration is used; for a retry with today's, the newest. */
  readonly configTxnSeq: number;
  readonly signal: AbortSignal;
}

/**
 * Claims tasks of one commit that were made by another run (unfinished ones as they are, failed and skipped ones
 * again) and runs those that nobody else holds. Returns the given tasks as they are then.
 */
export const runClaimable = (
  pond: Pond,
  tasks: readonly TaskStatus[],
  run: ClaimedRun,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  pipe(
    claimEach(pond, tasks, run),
    TE.flatMap((claims) => runWithDependents(pond, claims, run)),
    TE.map(({ ran, now }) => {
      const shown = new Set([...tasks, ...ran].map(printTaskId));
      return now.filter((task) => shown.has(printTaskId(task)));
    }),
  );

/** Claims what is unfinished as it is, and what has ended again; warns of what another runner holds. */
const claimEach = (
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

/** Runs claims of one commit; returns all of the commit's tasks as they are then. */
export const runClaims = (
  pond: Pond,
  claims: readonly Claim[],
  run: ClaimedRun,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  pipe(
    runWithDependents(pond, claims, run),
    TE.map(({ now }) => now),
  );

/** What was run, and all of the commit's tasks as they are then. */
interface Ran {
  readonly ran: readonly Claim[];
  readonly now: readonly TaskStatus[];
}

/**
 * Runs claims of one commit, and after them whatever only waited for them: tasks that were skipped because one of
 * these had failed, or that were left pending because one of these had not ended. They are claimed with them, before
 * anything runs, so that a crash in between forgets none.
 */
const runWithDependents = (
  pond: Pond,
  claims: readonly Claim[],
  run: ClaimedRun,
): TE.TaskEither<PondError, Ran> => {
  const [first] = claims;
  if (first === undefined) return TE.right({ ran: [], now: [] });
  const { parentTxnSeq, txnId } = first;
  return steps(async (s) => {
    const commit = await s.run(pond.tlog.commitOf(parentTxnSeq));
    await s.run(refuseUntrusted(pond, [run.configTxnSeq]));
    const view = await s.run(pond.tlog.snapshot(parentTxnSeq));
    const changes = await s.run(changesOf(view, parentTxnSeq));
    const plan = await s.run(planOfTasks(pond, txnId));
    const ran = [...claims, ...(await s.run(claimDependents(pond, plan, claims, run)))];
    const records = await s.run(pond.control.records({ txnId }));
    const traceParent = records.find((record) => record.traceParent !== null)?.traceParent ?? null;
    const now = await s.run(
      runCommitTasks(pond, {
        commit: { txnSeq: parentTxnSeq, txnId, dataFsVersion: commit.version },
        plan,
        changes,
        claims: ran,
        history: historyIn(records),
        trace: recordedContext(traceParent),
        ...run,
      }),
    );
    return { ran, now };
  });
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

const NO_PLAN: PlanOfTasks = { tasks: [], edges: [], rejected: [], max_concurrency: 1, checksum: '' };

const claimDependents = (
  pond: Pond,
  plan: PlanOfTasks,
  claims: readonly Claim[],
  run: ClaimedRun,
): TE.TaskEither<PondError, readonly Claim[]> => {
  if (!plan.tasks.some(({ depends_on, blocked_by }) => depends_on.length + blocked_by.length > 0))
    return TE.right([]);
  return pipe(
    pond.control.getPostCommitTasks(claims[0]?.parentTxnSeq ?? 0),
    TE.flatMap((tasks) => {
      const statusOf = new Map(tasks.map((task) => [task.executionSeq, task]));
      const freed = freedDependents(plan, new Set(claims.map(({ executionSeq }) => executionSeq)), (seq) => {
        const state = statusOf.get(seq)?.state;
        if (state === 'skipped' || state === 'pending') return 'waiting';
        return state === 'completed' ? 'completed' : 'other';
      });
      const dependents = freed.flatMap((seq) => statusOf.get(seq) ?? []);
      return dependents.length === 0 ? TE.right([]) : claimEach(pond, dependents, run);
    }),
  );
};

/**
 * Attempts of each task, begun since somebody last wished it to run, which is what a retry policy counts (a
 * `pending` that names an attempt was written by the policy itself), and the newest attempt's span.
 */
const historyIn = (records: readonly ControlRecord[]): ReadonlyMap<number, TaskHistory> => {
  const histories = new Map<number, TaskHistory>();
  for (const { recordType, executionSeq, attempt, traceParent } of records) {
    if (executionSeq === null) continue;
    const before = histories.get(executionSeq) ?? NO_HISTORY;
    if (recordType === 'post_commit_pending' && attempt === null) {
      histories.set(executionSeq, { ...before, attemptsMade: 0 });
    }
    if (recordType === 'post_commit_started') {
      histories.set(executionSeq, { attemptsMade: before.attemptsMade + 1, lastAttempt: traceParent });
    }
  }
  return histories;
};

const NO_HISTORY: TaskHistory = { attemptsMade: 0, lastAttempt: null };
