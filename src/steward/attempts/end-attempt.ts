import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { EndRecord } from '../../control/records/attempt-record.js';
import type { Claim } from '../../control/records/claim.js';
import type { Json } from '../../domain/documents/json.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { loggerIn } from '../../effects/with-span.js';
import type { OperationEnd } from '../../executor/independent/capabilities.js';
import { reportAttribute } from '../../factories/report-keeper.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE, HISTOGRAM, LABEL } from '../../ports/telemetry-names.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { describeTaskFailure } from './describe-task-failure.js';
import { about, type CommitEnd, type RunTask, type StartedAttempt } from './run-task.js';

/** Records how an attempt ended, with what it said and reported, and says it in the log. */
export const finishAttempt = (
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
    readonly commit: CommitEnd | null;
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
  const words = () => ({ ...about(task), attempt, duration_ms: end.durationMs });
  const recorded =
    (record: EndRecord, tell: () => void): TaskEither<PondError, void> =>
    () =>
      pond.attempts
        .ended(claim, record)()
        .then((outcome) => {
          if (said !== null) pond.outputs.settle(claim, attempt, said, { isRecorded: isRight(outcome) });
          if (isRight(outcome)) tell();
          return outcome;
        });
  if (end.result._tag === 'Executed') {
    return recorded({ _tag: 'Completed', end: at }, () => {
      if (logger.takes?.('info') !== false) logger.log('info', 'task_completed', words());
      measure('completed');
    });
  }
  const errorMessage = pond.redact(describeTaskFailure(end.result.error));
  const failed: EndRecord = {
    _tag: 'Failed',
    end: { ...at, errorMessage, next: nextRecord(end, timestamp) },
  };
  return recorded(failed, () => {
    if (end.result._tag === 'Failed' && end.result.error._tag === 'Cancelled')
      logger.log('warn', 'task_cancelled', words());
    else logger.log('warn', 'task_failed', { ...words(), error: errorMessage, ...retriedWords(end) });
    if (end.next === 'end') measure('failed');
    if (end.stillRunning !== null) releaseWhenSettled(pond, claim, end.stillRunning);
  });
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

/**
 * Ends an attempt that a background runner was told to stop, and that has stopped: the task is pending again. Such a runner is
 * ended all the time, and its tasks have not crashed.
 */
export const stoppedAttempt = (
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
