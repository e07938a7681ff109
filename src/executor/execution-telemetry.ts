import { loggerIn, withSpan } from '../effects/with-span.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { NO_TELEMETRY } from '../ports/no-telemetry.js';
import type { Attributes, Span, SpanStart, Telemetry, TraceContext } from '../ports/telemetry.js';
import { ATTRIBUTE, COUNTER, GAUGE, HISTOGRAM, SPAN } from '../ports/telemetry-names.js';
import type { ExecutablePlan, Operation, OperationError, OperationFailure } from './operation.js';

/** Observers of an execution. */
export interface ExecutionTelemetry<E> {
  readonly telemetry: Telemetry;
  /** Span that the execution is part of; null: it is a trace of its own. */
  readonly parent: TraceContext | null;
  /** Spans that the execution follows without being inside them. */
  readonly links?: readonly string[];
  /** An error in words, without secrets. */
  readonly describe: (error: OperationError<E>) => string;
}

const NONE: ExecutionTelemetry<unknown> = {
  telemetry: NO_TELEMETRY,
  parent: null,
  describe: () => 'failed',
};

/** Observers of an execution where nobody has named any: they do nothing. */
export const telemetryOr = <E>(given: ExecutionTelemetry<E> | undefined): ExecutionTelemetry<E> =>
  given ?? NONE;

/** Observers that every phase of an execution tells what it does. */
export interface Observed<E> {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: ExecutionTelemetry<E>;
}

/** End of an execution, in numbers. */
export interface ExecutionCounts {
  /** Operations that took effect, those that were undone afterwards included. */
  readonly executed: number;
  readonly failed: number;
  readonly rolledBack: number;
  /** Error that came first; null: none. An interrupt counts, too. */
  readonly failure: { readonly phase: FailurePhase; readonly message: string } | null;
}

export type FailurePhase = 'prepare' | 'checkpoint' | 'commit';

/** Runs one execution inside its span, and counts it. Both executors go through here. */
export const inExecutionSpan = <E, A>(
  observed: Observed<E>,
  plan: ExecutablePlan<Operation>,
  execute: (inside: Pick<Observed<E>, 'logger' | 'telemetry'>) => Promise<A>,
  countsOf: (ended: A) => ExecutionCounts,
): Promise<A> => {
  const { clock, logger } = observed;
  const { telemetry, parent, links = [] } = observed.telemetry;
  const attributes = {
    [ATTRIBUTE.operationCount]: plan.operations.length,
    [ATTRIBUTE.planChecksum]: plan.checksum,
  };
  return withSpan(telemetry, { name: SPAN.execute, parent, links, attributes }, async (span) => {
    const begun = clock.monotonicMs();
    const ended = await execute({
      logger: loggerIn(logger, span),
      telemetry: { ...observed.telemetry, parent: span.context },
    });
    const counts = countsOf(ended);
    telemetry.add(COUNTER.executions, 1);
    telemetry.add(counts.failure === null ? COUNTER.executionsSucceeded : COUNTER.executionsFailed, 1);
    telemetry.add(COUNTER.operationsExecuted, counts.executed);
    telemetry.add(COUNTER.operationsFailed, counts.failed);
    telemetry.add(COUNTER.operationsRolledBack, counts.rolledBack);
    telemetry.record(HISTOGRAM.executionDuration, (clock.monotonicMs() - begun) / 1000);
    span.set(attributesOf(counts));
    if (counts.failure !== null) span.fail(counts.failure.message);
    return ended;
  });
};

const attributesOf = ({ executed, failed, rolledBack, failure }: ExecutionCounts): Attributes =>
  failure === null
    ? {
        [ATTRIBUTE.executed]: executed,
        [ATTRIBUTE.failed]: failed,
        [ATTRIBUTE.operationsExecuted]: executed,
      }
    : {
        [ATTRIBUTE.executed]: executed,
        [ATTRIBUTE.failed]: failed,
        [ATTRIBUTE.rolledBack]: rolledBack,
        [ATTRIBUTE.failurePhase]: failure.phase,
      };

/** Runs phase one inside its span. */
export const inPrepareSpan = <E, A>(
  { logger, telemetry: { telemetry, parent, describe } }: Observed<E>,
  { operations }: ExecutablePlan<Operation>,
  prepare: (span: Span) => Promise<A>,
  failuresOf: (prepared: A) => readonly OperationFailure<E>[],
): Promise<A> => {
  const attributes = { [ATTRIBUTE.operations]: operations.length };
  return withSpan(telemetry, { name: SPAN.prepare, parent, attributes }, async (span) => {
    const log = loggerIn(logger, span);
    log.log('debug', 'preparing_plan', { operation_count: operations.length });
    const prepared = await prepare(span);
    const failures = failuresOf(prepared);
    for (const { operation, error } of failures) span.fail(`${operation}: ${describe(error)}`);
    log.log('debug', failures.length === 0 ? 'prepare_complete' : 'prepare_failed', {
      failed: failures.length,
    });
    return prepared;
  });
};

/** Beginning of the span of an operation. */
export const operationSpan = (
  { id, kind }: Pick<Operation, 'id' | 'kind'>,
  parent: TraceContext | null,
  attributes?: Attributes,
): SpanStart => {
  const own: Attributes = { [ATTRIBUTE.operationId]: id, [ATTRIBUTE.operationKind]: kind };
  return {
    name: SPAN.operation,
    parent,
    // Every attempt of a traced task has one: V8 takes several times as long to spread an object into another.
    attributes: attributes === undefined ? own : Object.assign(own, attributes),
  };
};

/** Operations that wait for their turn, in the gauge that all executions of a process share. */
export interface Queue {
  /** One of them has left the queue: it starts, or never will. */
  readonly leave: () => void;
  /** The execution is over: nothing of it waits any more. */
  readonly close: () => void;
}

export const openQueue = ({ change }: Telemetry, operations: number): Queue => {
  let waiting = operations;
  change(GAUGE.operationsQueued, operations);
  const leave = (count: number): void => {
    waiting -= count;
    change(GAUGE.operationsQueued, -count);
  };
  return { leave: () => leave(1), close: () => leave(waiting) };
};
