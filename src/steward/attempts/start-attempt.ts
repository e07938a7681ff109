import { isRight, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/records/claim.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { describeNotHere, type NotHere } from '../../domain/plans/task-place.js';
import { steps } from '../../effects/steps.js';
import { loggerIn } from '../../effects/with-span.js';
import type { StartOutcome } from '../../executor/independent/capabilities.js';
import { reportKeeper } from '../../factories/report-keeper.js';
import type { Span } from '../../ports/telemetry.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { clearGroup, describeLeftGroup } from './left-groups.js';
import { about, type RunTask, type StartedAttempt, taskLogger } from './run-task.js';
import { mayHaveUnseen, warnOfUnseenCommits } from './unseen-commits.js';

/** Milliseconds between two looks at a task that blocks this one; the longest, where each is a journey to a server. */
const PAUSE = 25;
const LONGEST_PAUSE = 400;

/** A task that another machine is to run stays pending, which is said. */
export const leaveElsewhere = (
  pond: Pond,
  task: RunTask,
  reason: NotHere,
): TaskEither<PondError, StartOutcome<StartedAttempt>> => {
  pond.ports.logger.log('warn', 'task_left', { ...about(task), reason: describeNotHere(reason) });
  return pipe(pond.control.release(task.claim), TE.as({ _tag: 'LeftToAnother' }));
};

/** Nothing of it is configured any more: what depends on it need not wait for it. */
export const leaveOut = (
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
export const startWhenFree =
  (
    pond: Pond,
    task: RunTask,
    signal: AbortSignal,
    openSpan: () => Span,
  ): TaskEither<PondError, StartOutcome<StartedAttempt>> =>
  async () => {
    const span = openSpan();
    const first = await askToStart(pond, task, span)();
    // Most attempts start as soon as they are asked for.
    return isRight(first) && first.right._tag === 'Started' && !mayHaveUnseen(task, first.right)
      ? right({ _tag: 'Go', started: startedAttempt(pond, task, first.right, span) })
      : goOn(pond, task, signal, { span, first })();
  };

const askToStart = (pond: Pond, task: RunTask, span: Span): ReturnType<Pond['attempts']['started']> =>
  pond.attempts.started(task.claim, {
    timestamp: pond.ports.clock.nowMicros(),
    configTxnSeq: task.configTxnSeq,
    traceParent: span.context.traceParent,
    conditions: {
      ...task.rules,
      waitsFor: task.waitsFor,
      watchedBy: task.watchedBy,
      place: { pondId: pond.tlog.pondId, incarnation: null },
    },
  });

/** Goes on with the answer to the first question whether it may start: asks again until it has started, or will not. */
const goOn = (
  pond: Pond,
  task: RunTask,
  signal: AbortSignal,
  asked: {
    readonly span: Span;
    readonly first: Awaited<ReturnType<ReturnType<typeof askToStart>>>;
  },
): TaskEither<PondError, StartOutcome<StartedAttempt>> =>
  steps(async ({ run, take }): Promise<StartOutcome<StartedAttempt>> => {
    const { clock } = pond.ports;
    const { span } = asked;
    const logger = loggerIn(pond.ports.logger, span);
    const deadline = clock.monotonicMs() + pond.options.taskWaitMs;
    let pause = PAUSE;
    for (let waiting = false; ; waiting = true) {
      const outcome = waiting ? await run(askToStart(pond, task, span)) : take(asked.first);
      switch (outcome._tag) {
        case 'Started': {
          if (mayHaveUnseen(task, outcome)) await run(warnOfUnseenCommits(pond, task, logger));
          return { _tag: 'Go', started: startedAttempt(pond, task, outcome, span) };
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

/** An attempt whose start is recorded. */
export const startedAttempt = (
  pond: Pond,
  task: RunTask,
  { attempt, supersededBy, outcomes }: Omit<StartedAttempt, 'log' | 'reports'>,
  span: Span,
): StartedAttempt => {
  const log = taskLogger(pond, task, attempt, span);
  return { attempt, supersededBy, outcomes, log, reports: reportKeeper(log) };
};

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
