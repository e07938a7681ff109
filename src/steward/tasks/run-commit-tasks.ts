import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import type { ExecutionReport } from '../../executor/execution-report.js';
import { executeIndependently } from '../../executor/independent/execute-independently.js';
import { type BegunAttempts, begunIn, spansOfBegun } from '../attempts/begun-attempts.js';
import { controlJournal } from '../attempts/control-journal.js';
import { describeTaskFailure } from '../attempts/describe-task-failure.js';
import type { KnownRegistry } from '../attempts/prepare-task.js';
import type { RunTask } from '../attempts/run-task.js';
import { taskHandler } from '../attempts/task-handler.js';
import { tellingOver } from '../attempts/telling-over.js';
import type { PondError } from '../errors.js';
import { registryForTask } from '../pond/factories/known-factories.js';
import { callerContext } from '../pond/in-span.js';
import type { Pond } from '../pond/pond.js';
import { tasksOf } from './commit-of-tasks.js';
import { operationsOf } from './operations-of-claims.js';
import type { TasksToRun } from './tasks-to-run.js';

/** Milliseconds that a task has to stop in when it is told to: longer than `command` gives its child. */
const GRACE = 10_000;

/** Runs claimed tasks, completes the transaction when all of its tasks have ended, and returns them as they are now. */
export const runCommitTasks = (
  pond: Pond,
  work: TasksToRun,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  pipe(
    work.claims.length === 0
      ? TE.right(undefined)
      : pipe(
          operationsOf(pond, work),
          TE.flatMap((operations) => execute(pond, work, operations)),
        ),
    TE.tap(() => {
      // Behind a firing there is no transaction that would be completed.
      if (work.commit.firing !== undefined) return TE.right(true);
      const { timestamp, durationMs } = work.ended?.() ?? { timestamp: pond.ports.clock.nowMicros() };
      return pond.control.completeIfEnded(work.commit.txnId, timestamp, durationMs ?? undefined);
    }),
    TE.flatMap(() => tasksOf(pond, work.commit)),
  );

/**
 * Looks up the factories that tasks are run with before any of them is: where nobody would ask inside of what these run, nothing is
 * followed. Null where they cannot be looked up, which is each task's failure then.
 */
const factoriesOf =
  (pond: Pond, { configTxnSeq }: TasksToRun): Task<KnownRegistry | null> =>
  async () => {
    const configured = await pond.tlog.snapshot(configTxnSeq)();
    if (isLeft(configured)) return null;
    return { configTxnSeq, registry: await registryForTask(pond, configured.right, { isNews: false })() };
  };

const execute = (
  pond: Pond,
  work: TasksToRun,
  operations: readonly RunTask[],
): TE.TaskEither<PondError, void> =>
  TE.asUnit(async () => {
    const known = await factoriesOf(pond, work)();
    const { isOver, end } = pond.ports.causes.begin();
    const handler = taskHandler(pond, work.commit, work.changes, isOver, known);
    try {
      return await executeWith(pond, handler, work, operations, { begun: begunIn(work.claims) })();
    } finally {
      end();
    }
  });

/** Facts about tasks that are executed, and who is told of their ends. */
export interface Executing {
  readonly begun: BegunAttempts;
  /** Default: as many side by side as the plan says. */
  readonly concurrency?: number;
  /** Is told of each task that has started and is over, once that is recorded. */
  readonly over?: (task: RunTask) => void;
}

/** Executes tasks of one commit, and warns of what could not be recorded. */
export const executeWith = (
  pond: Pond,
  handler: ReturnType<typeof taskHandler>,
  { plan, signal, trace, ended }: Pick<TasksToRun, 'plan' | 'signal' | 'trace' | 'ended'>,
  operations: readonly RunTask[],
  { begun, concurrency = plan.max_concurrency, over }: Executing,
): TE.TaskEither<PondError, ExecutionReport<PondError> | null> => {
  const { clock, random, logger, telemetry, host } = pond.ports;
  // Whoever calls for a retry is in a trace of their own.
  const caller = trace?.origin === 'record' ? callerContext(host) : null;
  const journal = controlJournal(pond, operations, ended, begun);
  const running = executeIndependently({
    handler,
    journal: over === undefined ? journal : tellingOver(journal, over),
    clock,
    random,
    logger,
    telemetry: {
      telemetry: spansOfBegun(telemetry, operations, begun),
      parent: trace,
      links: caller === null ? [] : [caller.traceParent],
      describe: describeTaskFailure,
    },
    graceMs: GRACE,
  })({ checksum: plan.checksum, operations }, { concurrency, signal });
  return pipe(
    running,
    TE.match(
      // There are no tasks: nothing to do is not an error here.
      () => null,
      (report) => {
        warnOfUnrecorded(pond, report);
        return report;
      },
    ),
    TE.fromTask,
  );
};

/** An outcome that could not be recorded leaves its task for recovery, which must not happen silently. */
const warnOfUnrecorded = (pond: Pond, report: ExecutionReport<PondError>): void => {
  for (const { operation, error } of report.errors.filter(({ operation }) =>
    report.unfinished.includes(operation),
  )) {
    pond.ports.logger.log('error', 'task_not_recorded', {
      task: operation,
      error: describeTaskFailure(error),
    });
  }
};
