import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Beginning, FleetTable, ReadyClaim } from '../../../control/fleet-table.js';
import type { BegunAttempt, Claim } from '../../../control/records/claim.js';
import { tasksAmong } from '../../../control/tasks/task-records.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import { describeNotHere } from '../../../domain/plans/task-place.js';
import type { Eventually } from '../../../effects/eventually.js';
import { steps } from '../../../effects/steps.js';
import type { BegunAttempts } from '../../attempts/begun-attempts.js';
import { elsewhere, type RunTask } from '../../attempts/run-task.js';
import { describeError } from '../../describe-error.js';
import type { PondError } from '../../errors.js';
import type { Pond } from '../../pond/pond.js';
import { executeWith } from '../run-commit-tasks.js';
import { historyIn } from '../task-history.js';
import type { TaskHistory, TasksToRun } from '../tasks-to-run.js';
import { beginnings } from './beginnings.js';
import { type OpenedCommit, openCommit, type Refusal } from './open-commit.js';

/** A claim that is not run here. */
export interface RefusedClaim extends Pick<Refusal, 'reason' | 'all'> {
  readonly claim: ReadyClaim;
}

/** End of tasks that were taken together. */
export interface RanReady {
  /** Number of those that were executed here, or skipped. */
  readonly done: number;
  readonly failed: number;
  readonly refused: readonly RefusedClaim[];
}

/** Commits that are kept open for their next tasks. */
const KEPT = 32;

/** Runs tasks as they are claimed. */
export interface ReadyTasks {
  /** Runs claims of one commit; `over` is told of those that have ended while others go on. */
  readonly run: (
    claims: readonly ReadyClaim[],
    signal: AbortSignal,
    over: (claim: Claim) => void,
  ) => TE.TaskEither<PondError, RanReady>;
  /**
   * Looks at the newest commit as if a task of it had been claimed: what that takes the first time is loaded then, and what was read of its
   * configuration holds for those that leave it alone. `again`: without asking the store for what is newest; `newer`: likewise, and only where it is
   * newer than all that was looked at. False: it is refused, or cannot be read.
   */
  readonly lookAhead: (how: 'first' | 'again' | 'newer') => TE.TaskEither<PondError, boolean>;
  /** Attempts that may begin with their claims, of so many tasks: those of commits that were looked at here, or are set up as these. */
  readonly beginning: (wanted: number) => Beginning;
}

/**
 * Runs tasks as a commit's runner would, without those around them: what comes before them has ended, what depends on them is taken by whoever is
 * free. The plan is computed again here, and compared, before the first task of it runs.
 */
export const readyTasks = (pond: Pond, fleet: FleetTable): ReadyTasks => {
  /** The newest commit that was looked at. */
  let newest = 0;
  const opened = new Map<string, Promise<Either<PondError, OpenedCommit | Refusal>>>();
  const toBegin = beginnings(pond);
  const forget = (txnId: string): void => {
    opened.delete(txnId);
    toBegin.forget(txnId);
  };

  const opening = (claim: ReadyClaim) => {
    const known = opened.get(claim.txnId);
    if (known !== undefined) return known;
    const fresh = openCommit(pond, fleet, claim)();
    newest = Math.max(newest, claim.parentTxnSeq);
    // A firing sees the newest commit, whenever it runs; and what was refused is looked at again.
    if (claim.firing === undefined) opened.set(claim.txnId, fresh);
    void fresh.then((result) => {
      if (isLeft(result) || '_tag' in result.right) {
        forget(claim.txnId);
        toBegin.doubt();
      } else toBegin.note(result.right, opened.has(claim.txnId));
    });
    for (const oldest of opened.keys()) {
      if (opened.size <= KEPT) break;
      forget(oldest);
    }
    return fresh;
  };

  return {
    beginning: toBegin.of,
    lookAhead: (how) =>
      pipe(
        pond.tlog.head(how === 'first' ? undefined : 'known'),
        TE.flatMap(({ txnSeq, version }) => {
          if (how === 'newer' && txnSeq <= newest) return TE.right(null);
          newest = txnSeq;
          return pipe(
            pond.tlog.commitOf(txnSeq, version),
            TE.flatMap(({ txnId }) =>
              openCommit(pond, fleet, { parentTxnSeq: txnSeq, txnId, dataFsVersion: version, isAhead: true }),
            ),
          );
        }),
        // Whatever is wrong with it is said when a task of it is claimed.
        TE.match(
          () => right(false),
          (commit) => {
            if (commit === null) return right(true);
            if ('_tag' in commit) return right(false);
            toBegin.note(commit, false);
            return right(true);
          },
        ),
      ),
    run: (claims, signal, over) =>
      steps(async ({ run }): Promise<RanReady> => {
        const [first] = claims;
        if (first === undefined) return NOTHING_RAN;
        const commit = await run(() => opening(first));
        if ('_tag' in commit) return refusing(claims, commit);
        const { end } = pond.ports.causes.begin();
        commit.running += claims.length;
        try {
          const ran = await run(runIn(pond, fleet, commit, { claims, signal, over }));
          // What was not known here may be by the next time.
          if (ran.refused.length > 0) {
            forget(first.txnId);
            toBegin.doubt();
          }
          return ran;
        } finally {
          commit.running -= claims.length;
          end();
        }
      }),
  };
};

const NOTHING_RAN: RanReady = { done: 0, failed: 0, refused: [] };

const refusing = (claims: readonly ReadyClaim[], { reason, all }: Refusal): RanReady => ({
  ...NOTHING_RAN,
  refused: claims.map((claim) => ({ claim, reason, all })),
});

const runIn = (
  pond: Pond,
  fleet: FleetTable,
  opened: OpenedCommit,
  {
    claims,
    signal,
    over,
  }: {
    readonly claims: readonly ReadyClaim[];
    readonly signal: AbortSignal;
    readonly over: (claim: Claim) => void;
  },
): TE.TaskEither<PondError, RanReady> =>
  steps(async ({ run }): Promise<RanReady> => {
    const { work, trace, handler } = opened;
    const operations: RunTask[] = [];
    const refused: RefusedClaim[] = [];
    for (const claim of claims) {
      const asked = operationOf(fleet, opened, claim);
      const operation = asked instanceof Promise ? await asked : asked;
      if (isLeft(operation)) {
        refused.push({ claim, reason: describeError(operation.left), all: true });
        continue;
      }
      const reason = refusalOf(pond, opened, claim, operation.right);
      if (reason === null) operations.push(operation.right);
      else refused.push({ claim, reason, all: false });
    }
    const { clock, logger } = pond.ports;
    const ended: TasksToRun['ended'] = () => ({ timestamp: clock.nowMicros(), durationMs: null });
    const report = await run(
      executeWith(
        pond,
        handler,
        { plan: work.plan, signal, trace, ...(work.commit.firing === undefined ? { ended } : {}) },
        operations,
        {
          begun: begunOf(claims, operations),
          concurrency: claims.length,
          over: ({ claim }) => over(claim),
        },
      ),
    );
    if (report === null) return { ...NOTHING_RAN, refused };
    const { skipped, failed, executed } = report;
    if (skipped.length > 0 && work.commit.firing === undefined) {
      const completed = await pond.control.completeIfEnded(work.commit.txnId, clock.nowMicros())();
      // Its tasks have ended all the same, and whoever recovers completes it.
      if (isLeft(completed)) {
        const { txnId } = work.commit;
        logger.log('warn', 'commit_not_completed', { txn_id: txnId, error: describeError(completed.left) });
      }
    }
    return { done: skipped.length + failed.length + executed.length, failed: failed.length, refused };
  });

/** Makes the operation of a claim; at once where nothing has to be asked: mostly all that a task waits for has completed, and its records are of no account. */
const operationOf = (
  fleet: FleetTable,
  { operations }: OpenedCommit,
  claim: ReadyClaim,
): Eventually<Either<PondError, RunTask>> => {
  const outside = claim.needsCompleted ? [] : operations.dependenciesOf(claim.executionSeq);
  const asked = [...(claim.attempts > 0 ? [claim.executionSeq] : []), ...outside];
  if (asked.length === 0) return operations.operationOf(claim, { history: NO_HISTORIES, states: [] });
  return pipe(
    fleet.recordsOfTasks(claim.txnId, asked),
    TE.flatMap((records) => async () => {
      const history = claim.attempts > 0 ? historyIn(records) : NO_HISTORIES;
      return operations.operationOf(claim, { history, states: tasksAmong(records) });
    }),
  )();
};

/** Says why this worker does not run a task; null: it does. */
const refusalOf = (
  pond: Pond,
  opened: OpenedCommit,
  claim: ReadyClaim,
  operation: RunTask,
): string | null => {
  if (!isKnown(opened, operation)) return unknownFactory(operation);
  return claim.begun === null
    ? null
    : tooEarly(pond, operation, {
        dependencies: opened.operations.dependenciesOf(claim.executionSeq),
        begun: claim.begun,
      });
};

/**
 * Says why an attempt should not have begun with its claim; null: it should have. That it began was decided by rows beside the records, and anybody who may
 * write to the database may have changed these.
 */
const tooEarly = (
  pond: Pond,
  task: RunTask,
  { dependencies, begun }: { readonly dependencies: readonly number[]; readonly begun: BegunAttempt },
): string | null => {
  const reason = elsewhere(pond, task);
  if (reason !== null) return describeNotHere(reason);
  if (task.notToBeRun !== null) return task.notToBeRun;
  if (task.rules.runWhen !== 'success')
    return `it looks at what others came to (run_when: ${task.rules.runWhen})`;
  if (dependencies.length === 0) return null;
  const told = new Set(begun.outcomes.map((outcome) => outcome.task));
  const missing = dependencies
    .map((executionSeq) => printTaskId({ ...task.claim, executionSeq }))
    .find((id) => !told.has(id));
  return missing === undefined ? null : `it waits for ${missing}`;
};

const isKnown = ({ knows }: OpenedCommit, { rejection, notToBeRun, factory }: RunTask): boolean =>
  rejection !== null || notToBeRun !== null || knows(factory);

const unknownFactory = ({ factory, claim }: RunTask): string =>
  `the factory ${factory} of ${claim.configPath} is not known here`;

/** Attempts that have begun with their claims, each told of those tasks that it waits for. */
const begunOf = (claims: readonly ReadyClaim[], operations: readonly RunTask[]): BegunAttempts => {
  const waitsFor = new Map(operations.map((task) => [task.claim.token, task.waitsFor]));
  return new Map(
    claims.flatMap(({ token, begun, ...claim }) => {
      if (begun === null) return [];
      const told = new Set(
        waitsFor.get(token)?.map((executionSeq) => printTaskId({ ...claim, executionSeq })),
      );
      return [[token, { ...begun, outcomes: begun.outcomes.filter(({ task }) => told.has(task)) }]];
    }),
  );
};

const NO_HISTORIES: ReadonlyMap<number, TaskHistory> = new Map();
