import { withSpan } from '../effects/with-span.js';
import { NO_TELEMETRY } from '../ports/no-telemetry.js';
import type { Attributes, Span, Telemetry, TraceContext } from '../ports/telemetry.js';
import { ATTRIBUTE, COUNTER, GAUGE, HISTOGRAM, SPAN } from '../ports/telemetry-names.js';
import type { ExecutablePlan, Operation, OperationError } from './operation.js';

/** How an execution is seen from outside. */
export interface ExecutionTelemetry<E> {
  readonly telemetry: Telemetry;
  /** What the execution is part of; null: it is a trace of its own. */
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

/** What an execution is told to say, or nothing. */
export const telemetryOf = <E>({
  telemetry,
}: {
  readonly telemetry?: ExecutionTelemetry<E>;
}): ExecutionTelemetry<E> => telemetry ?? NONE;

/** How an execution ended, in numbers. */
export interface ExecutionCounts {
  /** Operations that took effect, those that were undone afterwards included. */
  readonly executed: number;
  readonly failed: number;
  readonly rolledBack: number;
  /** What went wrong first; null: nothing did. An interrupt counts, too. */
  readonly failure: { readonly phase: FailurePhase; readonly message: string } | null;
}

export type FailurePhase = 'prepare' | 'checkpoint' | 'commit';

/** Runs one execution inside its span, and counts it. Both ways of executing a plan go through here. */
export const measured = <Op extends Operation, E, A>(
  execution: ExecutionTelemetry<E>,
  { monotonicMs }: { readonly monotonicMs: () => number },
  plan: ExecutablePlan<Op>,
  execute: (span: Span) => Promise<{ readonly answer: A; readonly counts: ExecutionCounts }>,
): Promise<A> => {
  const { telemetry, parent, links = [] } = execution;
  const attributes = {
    [ATTRIBUTE.operationCount]: plan.operations.length,
    [ATTRIBUTE.planChecksum]: plan.checksum,
  };
  return withSpan(telemetry, { name: SPAN.execute, parent, links, attributes }, async (span) => {
    const begun = monotonicMs();
    const { answer, counts } = await execute(span);
    telemetry.add(COUNTER.executions, 1);
    telemetry.add(counts.failure === null ? COUNTER.executionsSucceeded : COUNTER.executionsFailed, 1);
    telemetry.add(COUNTER.operationsExecuted, counts.executed);
    telemetry.add(COUNTER.operationsFailed, counts.failed);
    telemetry.add(COUNTER.operationsRolledBack, counts.rolledBack);
    telemetry.record(HISTOGRAM.executionDuration, (monotonicMs() - begun) / 1000);
    span.set(attributesOf(counts));
    if (counts.failure !== null) span.fail(counts.failure.message);
    return answer;
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
