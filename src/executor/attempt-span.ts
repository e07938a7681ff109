import type { Attributes, Span, SpanStart, TraceContext } from '../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../ports/telemetry-names.js';
import type { ExecutionTelemetry } from './execution-telemetry.js';
import type { Operation } from './operation.js';

export const operationSpan = (
  { id, kind }: Pick<Operation, 'id' | 'kind'>,
  parent: TraceContext | null,
  attributes?: Attributes,
): SpanStart => {
  const own: Attributes = { [ATTRIBUTE.operationId]: id, [ATTRIBUTE.operationKind]: kind };
  return {
    name: SPAN.operation,
    parent,
    attributes: attributes === undefined ? own : { ...own, ...attributes },
  };
};

/** One attempt of an operation, as its span sees it. */
export interface Attempt {
  readonly operation: Pick<Operation, 'id' | 'kind'>;
  /** The execution's span. */
  readonly parent: TraceContext;
  /** The span of the attempt before, if there was one. */
  readonly follows: string | null;
  readonly attributes: Attributes;
}

/** The span of one attempt. It begins when it is first asked for: what never starts has none. */
export interface AttemptSpan {
  readonly open: () => Span;
  readonly fail: (message: string) => void;
  readonly end: () => void;
}

export const attemptSpan = <E>(
  { telemetry }: ExecutionTelemetry<E>,
  { operation, parent, follows, attributes }: Attempt,
): AttemptSpan => {
  let span: Span | null = null;
  return {
    open: () => {
      span ??= telemetry.startSpan({
        ...operationSpan(operation, parent, attributes),
        links: follows === null ? [] : [follows],
      });
      return span;
    },
    fail: (message) => span?.fail(message),
    end: () => span?.end(),
  };
};
