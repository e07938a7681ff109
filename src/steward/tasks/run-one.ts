import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import {
  type Beginning,
  type CommitToBegin,
  type FleetTable,
  NOTHING_BEGINS,
  type ReadyClaim,
} from '../../control/fleet-table.js';
import { tasksAmong } from '../../control/tasks/task-records.js';
import { steps } from '../../effects/steps.js';
import type { RunTask } from '../attempts/run-task.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { isWatched, newSpanId, pondOfBegun } from './begun-tasks.js';
import { type OpenedCommit, openCommit, type Refusal } from './open-commit.js';
import { executeWith } from './run-commit-tasks.js';
import { historyIn } from './task-history.js';
import type { TaskHistory, TasksToRun } from './tasks-to-run.js';

/** End of a task that was taken by itself. */
export type RanOne =
  /** It was executed here: completed, failed, skipped, or interrupted. */
  { readonly _tag: 'Ran'; readonly ended: boolean; readonly failed: boolean } | Refusal;

/** Commits that are kept open for their next tasks. */
const KEPT = 32;

/** Runs tasks one by one as they are claimed. */
export interface SingleTasks {
  readonly run: (claim: ReadyClaim, signal: AbortSignal) => TE.TaskEither<PondError, RanOne>;
  /**
   * Looks at the newest commit as if a task of it had been claimed: what that takes the first time is loaded then, and what was read of its
   * configuration holds for those that leave it alone.
   */
  readonly lookAhead: () => TE.TaskEither<PondError, void>;
  /** Attempts that may begin with their claims, of so many tasks: those of commits that were looked at here. */
  readonly beginning: (wanted: number) => Beginning;
}

/**
 * Runs tasks as a commit's runner would, each by itself: what comes before it has ended, what depends on it is taken by whoever is
 * free. The plan is computed again here, and compared, before the first task of it runs.
 */
export const singleTasks = (pond: Pond, fleet: FleetTable): SingleTasks => {
  const opened = new Map<string, Promise<Either<PondError, OpenedCommit | Refusal>>>();
  const toBegin = new Map<string, CommitToBegin>();
  const forget = (txnId: string): void => {
    opened.delete(txnId);
    toBegin.delete(txnId);
  };

  const opening = (claim: ReadyClaim) => {
    const known = opened.get(claim.txnId);
    if (known !== undefined) return known;
    const fresh = openCommit(pond, fleet, claim)();
    // A firing sees the newest commit, whenever it runs; and what was refused is looked at again.
    if (claim.firing === undefined) opened.set(claim.txnId, fresh);
    void fresh.then((result) => {
      if (isLeft(result) || '_tag' in result.right) forget(claim.txnId);
      else if (result.right.toBegin !== null && opened.has(claim.txnId))
        toBegin.set(claim.txnId, result.right.toBegin);
    });
    for (const oldest of opened.keys()) {
      if (opened.size <= KEPT) break;
      forget(oldest);
    }
    return fresh;
  };

  return {
    beginning: (wanted) => {
      if (toBegin.size === 0 || isWatched(pond)) return NOTHING_BEGINS;
      const spanIds = Array.from({ length: wanted }, () => newSpanId(pond.ports.ids));
      return { commits: [...toBegin.values()], spanIds };
    },
    lookAhead: () =>
      pipe(
        pond.tlog.head(),
        TE.flatMap(({ txnSeq, version }) => pond.tlog.commitOf(txnSeq, version)),
        TE.flatMap(({ txnSeq, txnId, version }) =>
          openCommit(pond, fleet, { parentTxnSeq: txnSeq, txnId, dataFsVersion: version }),
        ),
        // Whatever is wrong with it is said when a task of it is claimed.
        TE.match(
          () => right(undefined),
          () => right(undefined),
        ),
      ),
    run: (claim, signal) =>
      steps<PondError, RanOne>(async ({ run }) => {
        const commit = await run(() => opening(claim));
        if ('_tag' in commit) return commit;
        const { end } = pond.ports.causes.begin();
        commit.running += 1;
        try {
          const ran = await run(
            runIn(
              claim.begun === null ? pond : pondOfBegun(pond, claim, claim.begun),
              fleet,
              commit,
              claim,
              signal,
            ),
          );
          // What was not known here may be by the next time.
          if (ran._tag === 'Refused') forget(claim.txnId);
          return ran;
        } finally {
          commit.running -= 1;
          end();
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
