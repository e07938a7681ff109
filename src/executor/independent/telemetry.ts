import { isRight } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import { loggerIn } from '../../effects/with-span.js';
import type { Span, SpanStart } from '../../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import type { ExecutionReport } from '../execution-report.js';
import {
  type ExecutionCounts,
  type ExecutionTelemetry,
  inExecutionSpan,
  openQueue,
  operationSpan,
  type Queue,
} from '../execution-telemetry.js';
import type { ExecutablePlan, Operation } from '../operation.js';
import type { AttemptState } from './attempt.js';
import type { Guarded } from './guarded.js';
import type { Preparations } from './prepare.js';

// What an execution says of itself is said around it, here; its phases know nothing of it.

/** An execution that has gone through both of its phases. */
export interface Executed<E, Prepared> {
  readonly prepared: Preparations<E, Prepared>;
  readonly report: ExecutionReport<E>;
}

/** Runs both phases inside the span of an execution, and counts it. */
export const inExecution =
  <Op extends Operation, Prepared, Started, E>(
    capabilities: Guarded<Op, Prepared, Started, E>,
    plan: ExecutablePlan<Op>,
    signal: AbortSignal,
    phases: (execution: Guarded<Op, Prepared, Started, E>) => Task<Executed<E, Prepared>>,
  ): Task<ExecutionReport<E>> =>
  async () => {
    const { report } = await inExecutionSpan(
      capabilities,
      plan,
      (inside) => phases({ ...capabilities, ...inside })(),
      (executed) => countsOf(capabilities.telemetry, executed, signal.aborted),
    );
    return report;
  };

const countsOf = <E, Prepared>(
  { describe }: ExecutionTelemetry<E>,
  { prepared, report }: Executed<E, Prepared>,
  interrupted: boolean,
): ExecutionCounts => ({
  // Those that had been executed before have taken no time.
  executed: report.executed.filter((id) => Object.hasOwn(report.durations, id)).length,
  failed: report.failed.length,
  rolledBack: 0,
  failure: failureOf(describe, { prepared, report }, interrupted),
});

/**
 * Tells failures from the rest: what was left to another process has not failed; what was interrupted has. An operation whose preparation failed
 * never got further than phase one.
 */
const failureOf = <E, Prepared>(
  describe: ExecutionTelemetry<E>['describe'],
  { prepared, report: { failed, unfinished, errors } }: Executed<E, Prepared>,
  interrupted: boolean,
): ExecutionCounts['failure'] => {
  const [first] = errors;
  if (failed.length === 0 && first === undefined && !(interrupted && unfinished.length > 0)) return null;
  const reachedCommit = (id: string) => {
    const preparation = prepared.get(id);
    return preparation !== undefined && isRight(preparation);
  };
  return {
    phase: [...failed, ...unfinished].some(reachedCommit) ? 'commit' : 'prepare',
    message: first === undefined ? (interrupted ? 'interrupted' : 'failed elsewhere') : describe(first.error),
  };
};

/** Runs the second phase, whose operations wait in the queue until they start. */
export const inCommit = async <Op extends Operation, E>(
  { logger, telemetry: { telemetry } }: Pick<Guarded<Op, unknown, unknown, E>, 'logger' | 'telemetry'>,
  { operations, checksum }: ExecutablePlan<Op>,
  concurrency: number,
  commit: (queue: Queue) => Promise<ExecutionReport<E>>,
): Promise<ExecutionReport<E>> => {
  logger.log('info', 'executing_plan', {
    operation_count: operations.length,
    plan_checksum: checksum,
    can_parallelize: concurrency > 1,
  });
  const queue = openQueue(telemetry, operations.length);
  const report = await commit(queue).finally(queue.close);
  logger.log('info', 'execution_complete', {
    plan_checksum: checksum,
    executed: report.executed.length,
    failed: report.failed.length,
    skipped: report.skipped.length,
    unfinished: report.unfinished.length,
  });
  return report;
};

/** Runs one attempt inside its span, and is told each of its states. */
export type InAttemptSpan<Started, E> = <A>(
  tried: number,
  run: (
    openSpan: () => Span,
    tell: (before: AttemptState<Started, E>, now: AttemptState<Started, E>) => void,
  ) => Promise<A>,
) => Promise<A>;

/**
 * The spans of an operation's attempts, each linked to the one before. A span begins when it is first asked for: what
 * never starts has none.
 */
export const attemptSpans = <Op extends Operation, Prepared, Started, E>(
  { handler, logger, telemetry: { telemetry, parent, describe } }: Guarded<Op, Prepared, Started, E>,
  operation: Op,
): InAttemptSpan<Started, E> => {
  let follows = operation.follows ?? null;
  // Where nobody records it, it has its identity and its place in the trace, and nothing else.
  const startOf = (tried: number): SpanStart =>
    telemetry.isWatched?.() === false
      ? { name: SPAN.operation, parent, attributes: { [ATTRIBUTE.operationId]: operation.id } }
      : {
          ...operationSpan(operation, parent, handler.attributesOf?.(operation, tried)),
          links: follows === null ? [] : [follows],
        };
  return async (tried, run) => {
    const opened: { span: Span | null } = { span: null };
    const openSpan = (): Span => {
      opened.span ??= telemetry.startSpan(startOf(tried));
      return opened.span;
    };
    const say = (event: string): void => {
      if (logger.takes?.('debug') === false) return;
      loggerIn(logger, openSpan()).log('debug', event, { op_id: operation.id, op_kind: operation.kind });
    };
    try {
      return await run(openSpan, (before, now) => {
        if (now._tag === 'Running') say('executing_operation');
        if (hasFailed(before) && isRecorded(now)) say('operation_failed');
        const failure = failureIn(describe, before, now);
        if (failure !== null) opened.span?.fail(failure);
      });
    } finally {
      follows = opened.span?.context.traceParent ?? follows;
      opened.span?.end();
    }
  };
};

const hasFailed = <Started, E>(state: AttemptState<Started, E>): boolean =>
  state._tag === 'Over' && state.end.result._tag === 'Failed';

const isRecorded = <Started, E>(state: AttemptState<Started, E>): boolean =>
  state._tag === 'FailedForNow' || (state._tag === 'Ended' && state.outcome._tag === 'Failed');

/** Errors that came between two states, in words. */
const failureIn = <Started, E>(
  describe: ExecutionTelemetry<E>['describe'],
  before: AttemptState<Started, E>,
  now: AttemptState<Started, E>,
): string | null => {
  if (now._tag === 'Interrupted') return 'interrupted';
  if (now._tag === 'Over') return now.end.result._tag === 'Failed' ? describe(now.end.result.error) : null;
  const isLost = now._tag === 'Ended' && now.outcome._tag === 'Unfinished' && before._tag !== 'Interrupted';
  return isLost && now.outcome.error !== null ? describe(now.outcome.error) : null;
};
