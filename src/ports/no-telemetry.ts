import type { Span, Telemetry } from './telemetry.js';

const nothing = (): void => undefined;

/** Context of a span where there is no trace. */
export const NO_SPAN: Span = {
  context: { traceParent: '', origin: 'here' },
  logFields: {},
  set: nothing,
  event: nothing,
  fail: nothing,
  end: nothing,
};

/** Says nothing, and gives no identities. */
export const NO_TELEMETRY: Telemetry = {
  startSpan: () => NO_SPAN,
  isWatched: () => false,
  add: nothing,
  change: nothing,
  observe: nothing,
  record: nothing,
};
