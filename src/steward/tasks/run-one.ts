import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/claim.js';
import {
  type Beginning,
  type CommitToBegin,
  type FleetTable,
  NOTHING_BEGINS,
  type ReadyClaim,
} from '../../control/fleet-table.js';
import { tasksAmong } from '../../control/tasks/task-records.js';
import { shellWord } from '../../domain/shell-word.js';
import { steps } from '../../effects/steps.js';
import type { TraceContext } from '../../ports/telemetry.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { RunTask } from '../attempts/run-task.js';
import { taskHandler } from '../attempts/task-handler.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { planOfLoggedCommit } from '../planning/plan-of-commit.js';
import { readStoredPlan } from '../planning/stored-plan.js';
import { recordedContext } from '../pond/in-span.js';
import { registryForTask } from '../pond/known-factories.js';
import type { Pond } from '../pond/pond.js';
import { commitToBegin, isWatched, newSpanId, pondOfBegun } from './begun-tasks.js';
import { ofItsTasks } from './commit-of-tasks.js';
import { type FiringWork, firingWork } from './firing-work.js';
import { type OperationByItself, operationsByThemselves } from './operations-of-claims.js';
import { refuseUntrusted } from './refuse-untrusted.js';
import { executeWith } from './run-commit-tasks.js';
import { NO_PLAN } from './run-plan.js';
import { historyIn } from './task-history.js';
import type { TaskHistory, TasksToRun } from './tasks-to-run.js';

/** Reason why this process runs a task not, or none of its commit: somebody else may. */
export interface Refusal {
  readonly _tag: 'Refused';
  readonly reason: string;
  /** It is about all tasks of the commit. */
  readonly all: boolean;
}

/** End of a task that was taken by itself. */
export type RanOne =
  /** It was executed here: completed, failed, skipped, or interrupted. */
  { readonly _tag: 'Ran'; readonly ended: boolean; readonly failed: boolean } | Refusal;

/** A commit or a firing of which tasks are run one by one, looked at once. */
interface OpenedCommit {
  readonly work: FiringWork;
  readonly trace: TraceContext | null;
  readonly operations: OperationByItself;
  readonly handler: ReturnType<typeof taskHandler>;
  /** Tells whether a factory is known here. */
  readonly knows: (factory: string) => boolean;
  /** Its tasks may begin with their claims; null: each is looked at first. */
  readonly toBegin: CommitToBegin | null;
  /** Tasks of it that run here now. */
  running: number;
}

/** Commits that are kept open for their next tasks. */
const KEPT = 32;

/** Runs tasks one by one as they are claimed. */
export interface SingleTasks {
  readonly run: (claim: ReadyClaim, signal: AbortSignal) => TE.TaskEither<PondError, RanOne>;
  /** Attempts that may begin with their claims, of so many tasks: those of commits that were looked at here. */
  readonly beginning: (wanted: number) => Beginning;
}

/**
 * Runs tasks as a commit's runner would, each by itself: what comes before it has ended, what depends on it is taken by whoever is
 * free. The plan is computed again here, and compared, before the first task of it runs.
 */
export const singleTasks = (pond: Pond, fleet: FleetTable): SingleTasks => {
  const opened = new Map<string, Promise<Awaited<ReturnType<ReturnType<typeof openCommit>>>>>();
  const toBegin = new Map<string, CommitToBegin>();

  const opening = (claim: Claim) => {
    const known = opened.get(claim.txnId);
    if (known !== undefined) return known;
    const fresh = openCommit(pond, fleet, claim)();
    // A firing sees the newest commit, whenever it runs; and what was refused is looked at again.
    if (claim.firing === undefined) opened.set(claim.txnId, fresh);
    void fresh.then((result) => {
      if (isLeft(result) || '_tag' in result.right) opened.delete(claim.txnId);
      else if (result.right.toBegin !== null && opened.has(claim.txnId))
        toBegin.set(claim.txnId, result.right.toBegin);
    });
    for (const oldest of opened.keys()) {
      if (opened.size <= KEPT) break;
      opened.delete(oldest);
      toBegin.delete(oldest);
    }
    return fresh;
  };

  return {
    beginning: (wanted) => {
      if (toBegin.size === 0 || isWatched(pond)) return NOTHING_BEGINS;
      const spanIds = Array.from({ length: wanted }, () => newSpanId(pond.ports.ids));
      return { commits: [...toBegin.values()], spanIds };
    },
    run: (claim, signal) =>
      steps<PondError, RanOne>(async ({ run }) => {
        const commit = await run(() => opening(claim));
        if ('_tag' in commit) return commit;
        commit.running += 1;
        try {
          return await run(
            runIn(
              claim.begun === null ? pond : pondOfBegun(pond, claim, claim.begun),
              fleet,
              commit,
              claim,
              signal,
            ),
          );
        } finally {
          commit.running -= 1;
        }
      }),
  };
};

const runIn = (
  pond: Pond,
  fleet: FleetTable,
  { work, trace, operations, handler, knows }: OpenedCommit,
  claim: ReadyClaim,
  signal: AbortSignal,
): TE.TaskEither<PondError, RanOne> =>
  steps(async ({ run }): Promise<RanOne> => {
    const { commit } = work;
    // Where all that it waits for has completed, its records say nothing that is asked here.
    const outside = claim.needsCompleted ? [] : operations.dependenciesOf(claim.executionSeq);
    const asked = [...(claim.attempts > 0 ? [claim.executionSeq] : []), ...outside];
    const records = asked.length === 0 ? [] : await run(fleet.recordsOfTasks(claim.txnId, asked));
    const history = claim.attempts > 0 ? historyIn(records) : NO_HISTORIES;
    const operation: RunTask = await run(
      operations.operationOf(claim, { history, states: tasksAmong(records) }),
    );
    if (operation.rejection === null && operation.notToBeRun === null && !knows(operation.factory)) {
      const reason = `the factory ${operation.factory} of ${claim.configPath} is not known here`;
      return { _tag: 'Refused', reason, all: false };
    }
    const { clock } = pond.ports;
    const ended: TasksToRun['ended'] = () => ({ timestamp: clock.nowMicros(), durationMs: null });
    const report = await run(
      executeWith(
        pond,
        handler,
        { plan: work.plan, signal, trace, ...(commit.firing === undefined ? { ended } : {}) },
        [operation],
      ),
    );
    const skipped = (report?.skipped.length ?? 0) > 0;
    if (skipped && commit.firing === undefined) {
      await run(pond.control.completeIfEnded(commit.txnId, clock.nowMicros()));
    }
    const failed = (report?.failed.length ?? 0) > 0;
    return { _tag: 'Ran', ended: skipped || failed || (report?.executed.length ?? 0) > 0, failed };
  });

const NO_HISTORIES: ReadonlyMap<number, TaskHistory> = new Map();

/** Looks at what a task belongs to, and whether it is to be run here. */
const openCommit = (
  pond: Pond,
  fleet: FleetTable,
  claim: Claim,
): TE.TaskEither<PondError, OpenedCommit | Refusal> => {
  // Asked at once: what comes before its answer is needed takes longer.
  const asked = fleet.traceOf(claim.txnId)();
  return pipe(
    claim.firing === undefined ? commitWork(pond, claim) : firingWork(pond, claim.firing),
    TE.flatMap((work): TE.TaskEither<PondError, OpenedCommit | Refusal> => {
      if ('_tag' in work) return TE.right(work);
      return steps(async ({ run }): Promise<OpenedCommit> => {
        const trace = recordedContext(await run(() => asked));
        const configured = await run(pond.tlog.snapshot(work.configTxnSeq));
        const registry = await registryForTask(pond, configured)();
        const knows = (factory: string) => registry.facts(factory) !== null;
        const opened: OpenedCommit = {
          work,
          trace,
          toBegin: commitToBegin(pond, { ...work, trace }, knows),
          running: 0,
          operations: await run(operationsByThemselves(pond, { ...work, trace })),
          handler: taskHandler(pond, work.commit, work.changes, () => opened.running === 0),
          knows,
        };
        return opened;
      });
    }),
    TE.orElse(
      (error): TE.TaskEither<PondError, OpenedCommit | Refusal> =>
        error._tag === 'NotTrusted' || error._tag === 'PondTooNew'
          ? TE.right({ _tag: 'Refused', reason: refusalText(pond, error), all: true })
          : TE.left(error),
    ),
  );
};

/** All tasks of a commit are refused for one reason, and others read it: what it would run is said by `pond trust`. */
const refusalText = (pond: Pond, error: PondError): string =>
  error._tag === 'NotTrusted'
    ? `its configuration is not approved by the user of the worker on ${pond.ports.host.hostName}: pond trust ${shellWord(pond.address)} there`
    : describeError(error);

/** A commit as work, whose plan is computed again here: another one means another version, or other factories, than those that made it. */
const commitWork = (
  pond: Pond,
  { parentTxnSeq, txnId }: Claim,
): TE.TaskEither<PondError, FiringWork | Refusal> =>
  steps(async ({ run, take }) => {
    // Asked at once, beside the store, which is asked where the commit is newer than what is known here.
    const asked = pond.control.planOf({ txnId })();
    const commit = await run(pond.tlog.commitOf(parentTxnSeq));
    await run(refuseUntrusted(pond, [parentTxnSeq]));
    const view = await run(pond.tlog.snapshot(parentTxnSeq));
    const stored = await run(() => asked);
    const plan = stored === null ? null : take(readStoredPlan(stored));
    if (plan !== null) {
      const { plan: again } = await run(planOfLoggedCommit(pond, commit, { recordedFacts: plan.registry }));
      const [recorded] = [plan.checksum, commit.planChecksum].filter((one) => one !== again.checksum);
      if (recorded !== undefined) {
        const reason = `the plan of commit ${parentTxnSeq} is recorded as ${recorded} and comes out here as ${again.checksum}`;
        return { _tag: 'Refused', reason, all: true };
      }
    }
    return {
      commit: ofItsTasks({ parentTxnSeq, txnId }, commit),
      plan: plan ?? NO_PLAN,
      changes: await run(changesOf(view, parentTxnSeq)),
      configTxnSeq: parentTxnSeq,
    };
  });
