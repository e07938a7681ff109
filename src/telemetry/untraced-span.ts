import { printTraceParent, type TraceParent } from '../domain/trace-parent.js';
import type { Ids } from '../ports/ids.js';
import type { Span, TraceContext } from '../ports/telemetry.js';

const nothing = (): void => undefined;

/**
 * A span that nobody records. It has an identity all the same, made when it is first asked for: it is stored with
 * commits and attempts, so that what is recorded of them later finds the rest of its trace.
 */
export const untracedSpan = (ids: Ids, parentOf: () => TraceParent | null): Span => {
  let made: TraceContext | null = null;
  const make = (): TraceContext => {
    const parent = parentOf();
    return {
      traceParent: printTraceParent({
        traceId: parent?.traceId ?? hexDigits(ids),
        spanId: hexDigits(ids).slice(-SPAN_ID_DIGITS),
        sampled: parent?.sampled ?? false,
      }),
      origin: 'here',
    };
  };
  return {
    get context() {
      made ??= make();
      return made;
    },
    logFields: {},
    set: nothing,
    event: nothing,
    fail: nothing,
    end: nothing,
  };
};

const SPAN_ID_DIGITS = 16;

/** A UUID's 16 bytes are a trace id, the random half of them a span id; its variant bits keep either from being 0. */
const hexDigits = (ids: Ids): string => ids.uuidV7().replaceAll('-', '');
