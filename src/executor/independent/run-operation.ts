import { isLeft } from 'fp-ts/lib/Either.js';
import { loggerIn } from '../../effects/with-span.js';
import type { Span } from '../../ports/telemetry.js';
import { answerOf } from '../answer-of.js';
import { type AttemptSpan, attemptSpan } from '../attempt-span.js';
import { mayRetry, waitAfter } from '../attempts.js';
import { telemetryOf } from '../execution-telemetry.js';
import type { Operation } from '../operation.js';
import type { Blocking, Outcome } from '../run-in-order.js';
import type { ExecutorCapabilities } from './capabilities.js';
import { effectOf } from './effect.js';
import type { Preparation } from './prepare-all.js';

/** What an operation runs in. */
interface Execution {
  /** Aborts when everything is to stop. */
  readonly signal: AbortSignal;
  readonly span: Span;
}

/**
 * One operation's way, attempt by attempt: start (durable), prepare, effect, end (durable). The first attempt was
 * prepared with all the others. Before the next one it waits; an interruption meanwhile leaves it to recovery as one
 * that has not started.
 */
export const runOperation = async <Op extends Operation, Prepared, Started, E>(
  capabilities: ExecutorCapabilities<Op, Prepared, Started, E>,
  { signal: interrupt, span: execution }: Execution,
  operation: Op,
  prepared: Preparation<E, Prepared> | undefined,
  blockedBy: Blocking | null,
): Promise<Outcome<E>> => {
  const { journal, handler } = capabilities;
  const telemetry = telemetryOf(capabilities);
  if (interrupt.aborted || prepared === undefined || blockedBy?.by === 'unfinished') {
    return abandon(capabilities, operation);
  }
  if (blockedBy !== null) {
    const skipped = await journal.skip(operation, blockedBy.operation)();
    return isLeft(skipped) ? { _tag: 'Unfinished', error: skipped.left } : { _tag: 'Skipped' };
  }
  let follows = operation.follows ?? null;
  for (let tried = 0; ; tried += 1) {
    const span = attemptSpan(telemetry, {
      operation,
      parent: execution.context,
      follows,
      attributes: handler.attributesOf?.(operation, tried) ?? {},
    });
    const attempt = await runAttempt(capabilities, interrupt, operation, {
      prepared: tried === 0 ? prepared : null,
      tried,
      span,
    }).finally(span.end);
    if (attempt._tag !== 'FailedForNow') return attempt;
    follows = span.open().context.traceParent;
    await capabilities.clock.sleep(attempt.waitMs, interrupt);
    if (interrupt.aborted) return abandon(capabilities, operation);
  }
};

/** An attempt that failed and that another one follows. */
interface FailedForNow {
  readonly _tag: 'FailedForNow';
  readonly waitMs: number;
}

interface OneAttempt<E, Prepared> {
  /** Null, if that is still to be done. */
  readonly prepared: Preparation<E, Prepared> | null;
  /** Attempts that this execution has made before. */
  readonly tried: number;
  readonly span: AttemptSpan;
}

const runAttempt = async <Op extends Operation, Prepared, Started, E>(
  capabilities: ExecutorCapabilities<Op, Prepared, Started, E>,
  interrupt: AbortSignal,
  operation: Op,
  { prepared, tried, span: attempt }: OneAttempt<E, Prepared>,
): Promise<Outcome<E> | FailedForNow> => {
  const { journal, handler, random } = capabilities;
  const { describe } = telemetryOf(capabilities);
  const answer = await journal.start(operation, interrupt, attempt.open)();
  if (isLeft(answer)) {
    attempt.fail(describe(answer.left));
    return { _tag: 'Unfinished', error: answer.left };
  }
  switch (answer.right._tag) {
    case 'Left':
      return { _tag: 'Unfinished', error: null };
    case 'Skipped':
      return { _tag: 'Skipped' };
    case 'Ended':
      return { _tag: answer.right.succeeded ? 'AlreadyExecuted' : 'AlreadyFailed' };
    case 'Go':
  }
  const { started } = answer.right;
  const span = attempt.open();
  const log = loggerIn(capabilities.logger, span);

  log.log('debug', 'executing_operation', { op_id: operation.id, op_kind: operation.kind });
  const ready = prepared ?? (await answerOf(() => handler.prepare(operation, tried, span))());
  const effect = await effectOf(capabilities, { interrupt, span }, operation, ready, started);
  if (effect._tag === 'Interrupted') {
    span.fail('interrupted');
    if (effect.stillRunning === null) return abandon(capabilities, operation);
    abandonOnceStopped(capabilities, operation, effect.stillRunning);
    return { _tag: 'Unfinished', error: null };
  }
  const { result, durationMs, stillRunning } = effect.end;
  // What has not stopped cannot be tried again: the next attempt would run beside it.
  const again = result._tag === 'Failed' && stillRunning === null && mayRetry(operation.attempts, tried + 1);
  if (result._tag === 'Failed') span.fail(describe(result.error));
  const end = { ...effect.end, next: again ? 'retry' : 'end' } as const;
  const recorded = await journal.finish(operation, started, end, span)();
  if (isLeft(recorded)) {
    span.fail(describe(recorded.left));
    return { _tag: 'Unfinished', error: recorded.left };
  }
  if (result._tag === 'Executed') return { _tag: 'Executed', durationMs };
  log.log('debug', 'operation_failed', { op_id: operation.id, op_kind: operation.kind });
  return again && operation.attempts !== undefined
    ? { _tag: 'FailedForNow', waitMs: waitAfter(operation.attempts, tried + 1, random.fraction()) }
    : { _tag: 'Failed', error: result.error, durationMs };
};

/** Leaves an operation that never started, or that was interrupted and has stopped, for recovery. */
const abandon = async <Op extends Operation, Prepared, Started, E>(
  { journal }: ExecutorCapabilities<Op, Prepared, Started, E>,
  operation: Op,
): Promise<Outcome<E>> => {
  const abandoned = await journal.abandon(operation)();
  return { _tag: 'Unfinished', error: isLeft(abandoned) ? abandoned.left : null };
};

/** An operation that ignores its interruption is not given up while it runs: the next attempt would run beside it. */
const abandonOnceStopped = <Op extends Operation, Prepared, Started, E>(
  capabilities: ExecutorCapabilities<Op, Prepared, Started, E>,
  operation: Op,
  stopped: Promise<void>,
): void => {
  const { journal, logger } = capabilities;
  void stopped
    .then(() => journal.abandon(operation)())
    .then((abandoned) => {
      if (isLeft(abandoned)) logger.log('warn', 'operation_not_abandoned', { op_id: operation.id });
    });
};
