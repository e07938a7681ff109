import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { parseTraceParent } from '../../domain/trace-parent.js';
import { withSpan } from '../../effects/with-span.js';
import type { Host } from '../../ports/host.js';
import type { Span, SpanStart, Telemetry, TraceContext } from '../../ports/telemetry.js';
import { describeAnyError } from '../describe-any-error.js';

/** Does work inside a span; an error that it returns is recorded in the words in which the control table has it. */
export const inSpan =
  (telemetry: Telemetry, start: SpanStart) =>
  <E, A>(work: (span: Span) => TaskEither<E, A>): TaskEither<E, A> =>
  () =>
    withSpan(telemetry, start, async (span) => {
      const answer = await work(span)();
      if (isLeft(answer)) span.fail(describeAnyError(answer.left));
      return answer;
    });

/** The span that this process is called from: what `TRACEPARENT` says, if it says anything. */
export const callerContext = ({ variables }: Pick<Host, 'variables'>): TraceContext | null => {
  const { TRACEPARENT: traceParent = '' } = variables;
  return parseTraceParent(traceParent) === null ? null : { traceParent, origin: 'caller' };
};

/** A place in a trace as a record has it. */
export const recordedContext = (traceParent: string | null): TraceContext | null =>
  traceParent === null ? null : { traceParent, origin: 'record' };
