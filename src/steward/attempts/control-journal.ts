import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { EndRecord } from '../../control/attempt-record.js';
import type { Claim } from '../../control/claim.js';
import type { Json } from '../../domain/documents/json.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { describeNotHere, type NotHere } from '../../domain/plans/task-place.js';
import { steps } from '../../effects/steps.js';
import { loggerIn } from '../../effects/with-span.js';
import type { Journal, OperationEnd, StartOutcome } from '../../executor/independent/capabilities.js';
import { reportAttribute, reportKeeper } from '../../factories/report-keeper.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE, HISTOGRAM, LABEL } from '../../ports/telemetry-names.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { describeTaskFailure } from './describe-task-failure.js';
import { clearGroup, describeLeftGroup } from './left-groups.js';
import { elsewhere, type RunTask, type StartedAttempt, taskLogger } from './run-task.js';
import { skipCauses } from './skip-causes.js';
import type { TasksToRun } from './tasks-to-run.js';
import { warnOfUnseenCommits } from './unseen-commits.js';

/** Milliseconds between two looks at a task that blocks this one; the longest, where each is a journey to a server. */
const PAUSE = 25;
const LONGEST_PAUSE = 400;

/**
 * The checkpoint of a post-commit plan is the control table: `post_commit_started` is durable before the task has
 * any effect, its end before anything that depends on it. A crash between the two leaves a started task, which
 * recovery sees as interrupted.
 */
export const controlJournal = (
  pond: Pond,
  tasks: readonly RunTask[],
  ended: TasksToRun['ended'],
): Journal<RunTask, StartedAttempt, PondError> => {
  const causes = skipCauses(tasks);
  /** Tasks that have not ended; with the last of them, as a rule, the commit has. */
  const unended = new Set(tasks.map(({ id }) => id));
  /** Attempts that have started here and not ended, and when they did: milliseconds of the monotonic clock. */
  const going = new Map<string, { readonly attempt: number; readonly since: number }>();
  const skip = (task: RunTask, cause: string): TaskEither<PondError, void> =>
    pond.control.recordPostCommitSkipped(task.claim, {
      timestamp: pond.ports.clock.nowMicros(),
      errorMessage: `skipped: it depends on ${cause}`,
      watchedBy: task.watchedBy,
    });
  return {
    start: (task, signal, openSpan) => {
      const { blockedBy, notToBeRun } = task;
      if (notToBeRun !== null) return leaveOut(pond, task, notToBeRun);
      const reason = elsewhere(pond, task);
      if (reason !== null) return leaveElsewhere(pond, task, reason);
      if (blockedBy === null) {
        return pipe(
          startWhenFree(pond, task, signal, openSpan),
          TE.map((outcome) => {
            if (outcome._tag === 'Skipped' || outcome._tag === 'Ended') unended.delete(task.id);
            if (outcome._tag !== 'Go') return outcome;
            const { attempt } = outcome.started;
            going.set(task.id, { attempt, since: pond.ports.clock.monotonicMs() });
            return { ...outcome, cancelled: pond.cancellations.begun(task.claim, attempt) };
          }),
        );
      }
      return blockedBy.state === 'pending' || blockedBy.state === 'started'
        ? pipe(pond.control.release(task.claim), TE.as({ _tag: 'LeftToAnother' }))
        : pipe(skip(task, causes.outside(task, blockedBy)), TE.as({ _tag: 'Skipped', satisfies: false }));
    },
    finish: (task, started, end, span) => {
      going.delete(task.id);
      pond.cancellations.ended(task.claim);
      if (end.next === 'end') unended.delete(task.id);
      const commit = unended.size === 0 ? (ended?.() ?? null) : null;
      return finish(pond, task, started, { end, span, commit });
    },
    skip: (task, because) => {
      unended.delete(task.id);
      return skip(task, causes.inside(task, because));
    },
    abandon: (task) => {
      const attempt = going.get(task.id);
      going.delete(task.id);
      pond.cancellations.ended(task.claim);
      if (attempt !== undefined) pond.outputs.flush(task.claim, attempt.attempt);
      return attempt !== undefined && pond.runner.isInBackground()
        ? stopped(pond, task, attempt)
        : pond.control.release(task.claim);
    },
  };
};

/**
 * Ends an attempt that a background runner was told to stop, and that has stopped: the task is pending again. Such a runner is
 * ended all the time, and its tasks have not crashed.
 */
const stopped = (
  pond: Pond,
  { claim, watchedBy }: RunTask,
  { attempt, since }: { readonly attempt: number; readonly since: number },
): TaskEither<PondError, void> => {
  const { clock } = pond.ports;
  const timestamp = clock.nowMicros();
  const errorMessage = 'stopped with the process that ran it';
  const durationMs = Math.round(clock.monotonicMs() - since);
  return pipe(
    pond.attempts.ended(claim, {
      _tag: 'Failed',
      end: { attempt, timestamp, durationMs, errorMessage, watchedBy, next: { notBefore: timestamp } },
    }),
    TE.asUnit,
  );
};

/** A task that another machine is to run stays pending, which is said. */
const leaveElsewhere = (
  pond: Pond,
  task: RunTask,
  reason: NotHere,
): TaskEither<PondError, StartOutcome<StartedAttempt>> => {
  pond.ports.logger.log('warn', 'task_left', { ...about(task), reason: describeNotHere(reason) });
  return pipe(pond.control.release(task.claim), TE.as({ _tag: 'LeftToAnother' }));
};

/** Nothing of it is configured any more: what depends on it need not wait for it. */
const leaveOut = (
  pond: Pond,
  { claim, watchedBy }: RunTask,
  reason: string,
): TaskEither<PondError, StartOutcome<StartedAttempt>> =>
  pipe(
    pond.control.recordPostCommitSkipped(claim, {
      timestamp: pond.ports.clock.nowMicros(),
      errorMessage: `skipped: ${reason}`,
      cause: 'configuration',
      watchedBy,
    }),
    TE.as({ _tag: 'Skipped', satisfies: true }),
  );

/**
 * Starts an attempt as soon as no live runner runs a task of the same configuration, or has claimed an earlier
 * commit's. The wait is bounded: after it the task stays pending and is handed over to that runner.
 */
const startWhenFree = (
  pond: Pond,
  task: RunTask,
  signal: AbortSignal,
  openSpan: () => Span,
): TaskEither<PondError, StartOutcome<StartedAttempt>> =>
  steps(async ({ run }): Promise<StartOutcome<StartedAttempt>> => {
    const { clock } = pond.ports;
    const span = openSpan();
    const logger = loggerIn(pond.ports.logger, span);
    const deadline = clock.monotonicMs() + pond.options.taskWaitMs;
    let pause = PAUSE;
    for (let waiting = false; ; waiting = true) {
      const outcome = await run(
        pond.attempts.started(task.claim, {
          timestamp: clock.nowMicros(),
          configTxnSeq: task.configTxnSeq,
          traceParent: span.context.traceParent,
          conditions: {
            ...task.rules,
            waitsFor: task.waitsFor,
            watchedBy: task.watchedBy,
            place: { pondId: pond.tlog.pondId, incarnation: null },
          },
        }),
      );
      switch (outcome._tag) {
        case 'Started': {
          const { attempt, supersededBy, outcomes, nothingDerived } = outcome;
          if (!nothingDerived) await run(warnOfUnseenCommits(pond, task, logger));
          const reports = reportKeeper(taskLogger(pond, task, attempt, span));
          return { _tag: 'Go', started: { attempt, supersededBy, outcomes, reports } };
        }
        case 'NotToBeRun':
          logger.log('info', 'task_skipped', { ...about(task), reason: outcome.reason });
          return { _tag: 'Skipped', satisfies: outcome.cause !== 'dependency' };
        case 'NotYet':
          // Whoever runs that one claims this one with it.
          await run(pond.control.release(task.claim));
          return { _tag: 'LeftToAnother' };
        case 'AlreadyEnded':
          return { _tag: 'Ended', succeeded: outcome.state === 'completed' };
        case 'GivenUp':
          logger.log('warn', 'task_failed', { ...about(task), error: outcome.errorMessage });
          span.fail(outcome.errorMessage);
          return { _tag: 'Ended', succeeded: false };
        case 'GroupLeftBehind': {
          const left = await run(clearGroup(pond, outcome));
          if (left === null) break;
          const errorMessage = describeLeftGroup(left);
          await run(
            pond.control.recordPostCommitRefused(task.claim, {
              timestamp: clock.nowMicros(),
              configTxnSeq: task.configTxnSeq,
              traceParent: span.context.traceParent,
              errorMessage,
              watchedBy: task.watchedBy,
            }),
          );
          logger.log('warn', 'task_failed', { ...about(task), error: errorMessage });
          span.fail(errorMessage);
          return { _tag: 'Ended', succeeded: false };
        }
        case 'Blocked':
          if (!waiting) {
            const by = { by_task: printTaskId(outcome.by), by_pid: outcome.runner.pid };
            logger.log('info', 'task_waiting', { ...about(task), ...by });
          }
          if (clock.monotonicMs() < deadline && !signal.aborted) {
            await clock.sleep(pause, signal);
            if (pond.fleet !== null) pause = Math.min(2 * pause, LONGEST_PAUSE);
          } else if (await run(handOver(pond, task.claim, outcome.by, signal)))
            return { _tag: 'LeftToAnother' };
      }
    }
  });

/** Hands a task over to whoever blocks it; false when that one has just ended, so that the task may start after all. */
const handOver = (
  pond: Pond,
  claim: Claim,
  by: Claim,
  signal: AbortSignal,
): TaskEither<PondError, boolean> =>
  signal.aborted
    ? pipe(
        pond.control.release(claim),
        TE.map(() => true),
      )
    : pond.control.leaveTo(claim, by.runnerId);

const finish = (
  pond: Pond,
  task: RunTask,
  { attempt, reports }: StartedAttempt,
  {
    end,
    span,
    commit,
  }: {
    readonly end: OperationEnd<PondError>;
    readonly span: Span;
    /** The end of the commit, where no other of its tasks is left to end here. */
    readonly commit: ReturnType<NonNullable<TasksToRun['ended']>> | null;
  },
): TaskEither<PondError, void> => {
  const { clock, telemetry } = pond.ports;
  const logger = loggerIn(pond.ports.logger, span);
  // Whoever sees that it has ended finds all that it said: with the record, or in a file before it.
  const said = pond.outputs.take(task.claim, attempt);
  const measure = (outcome: 'completed' | 'failed') =>
    telemetry.record(HISTOGRAM.taskDuration, end.durationMs / 1000, {
      [LABEL.factory]: task.factory,
      [LABEL.outcome]: outcome,
    });
  const { claim, watchedBy } = task;
  const report = reports.kept();
  if (report !== null) span.set({ [ATTRIBUTE.taskReport]: reportAttribute(report) });
  const timestamp = commit?.timestamp ?? clock.nowMicros();
  const at = {
    attempt,
    timestamp,
    durationMs: end.durationMs,
    report,
    output: said?.lines ?? null,
    watchedBy,
    ...durationOf(commit),
  };
  const recorded =
    (record: EndRecord): TaskEither<PondError, void> =>
    async () => {
      const outcome = await pond.attempts.ended(claim, record)();
      if (said !== null) pond.outputs.settle(claim, attempt, said, { isRecorded: isRight(outcome) });
      return outcome;
    };
  if (end.result._tag === 'Executed') {
    return pipe(
      recorded({ _tag: 'Completed', end: at }),
      TE.tapIO(() => () => {
        logger.log('info', 'task_completed', { ...about(task), attempt, duration_ms: at.durationMs });
        measure('completed');
      }),
    );
  }
  const errorMessage = pond.redact(describeTaskFailure(end.result.error));
  return pipe(
    recorded({ _tag: 'Failed', end: { ...at, errorMessage, next: nextRecord(end, timestamp) } }),
    TE.tapIO(() => () => {
      const words = { ...about(task), attempt, duration_ms: at.durationMs };
      if (end.result._tag === 'Failed' && end.result.error._tag === 'Cancelled')
        logger.log('warn', 'task_cancelled', words);
      else logger.log('warn', 'task_failed', { ...words, error: errorMessage, ...retriedWords(end) });
      if (end.next === 'end') measure('failed');
      if (end.stillRunning !== null) releaseWhenSettled(pond, claim, end.stillRunning);
    }),
  );
};

const durationOf = (commit: { readonly durationMs: number | null } | null) =>
  commit === null ? {} : { commitDurationMs: commit.durationMs };

const nextRecord = (
  { next, stillRunning }: OperationEnd<PondError>,
  timestamp: number,
): 'release' | 'retry' | 'hold' | { readonly notBefore: number } => {
  if (next === 'retry') return 'retry';
  if (next !== 'end') return { notBefore: timestamp + next.laterMs * 1000 };
  return stillRunning === null ? 'release' : 'hold';
};

const retriedWords = ({ next }: OperationEnd<PondError>): Readonly<Record<string, Json>> => {
  if (next === 'end') return {};
  return next === 'retry' ? { retried: true } : { retried_after_ms: next.laterMs };
};

/** A task that ignored its timeout has failed, but its configuration path stays claimed until it really stops. */
const releaseWhenSettled = (pond: Pond, claim: Claim, settled: Promise<void>): void => {
  void settled
    .then(() => pond.control.release(claim)())
    .then((released) => {
      if (isLeft(released)) pond.ports.logger.log('warn', 'claim_not_released', { task: printTaskId(claim) });
    });
};

const about = ({ claim }: RunTask) => ({ task: printTaskId(claim), config_path: claim.configPath });
