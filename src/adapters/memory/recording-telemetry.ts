import type { Attributes, Span, Telemetry } from '../../ports/telemetry.js';

/** A span, as it is when it is looked at. */
export interface RecordedSpan {
  /** 1, 2, 3 ... in the order in which they began. */
  readonly id: number;
  /** The span that it is inside of; null: none of these. */
  readonly parent: number | null;
  readonly name: string;
  readonly attributes: Attributes;
  readonly events: readonly string[];
  /** Error that it failed with, in words; empty: it did not fail. */
  readonly failures: readonly string[];
  readonly ended: boolean;
}

/** Telemetry, and what it was told. */
export interface RecordingTelemetry {
  readonly telemetry: Telemetry;
  /** Every span that has begun, in order. */
  readonly spans: () => readonly RecordedSpan[];
  /** Sums of counters and gauges, and of histograms how many values were recorded, by name; of gauges of paths the newest value, by name and path. */
  readonly metrics: () => Readonly<Record<string, number>>;
}

/**
 * Telemetry that keeps what it is told.
 *
 * @example
 * const { telemetry, spans } = recordingTelemetry();
 * telemetry.startSpan({ name: 'executor.Execute', parent: null }).end();
 * const names = spans().map(({ name }) => name);
 */
export const recordingTelemetry = (): RecordingTelemetry => {
  const spans: RecordedSpan[] = [];
  const metrics: Record<string, number> = {};
  const add = (name: string, amount: number) => {
    metrics[name] = (metrics[name] ?? 0) + amount;
  };
  const startSpan: Telemetry['startSpan'] = ({ name, parent, attributes = {} }) => {
    const id = spans.length + 1;
    const above = spans.find((span) => traceParentOf(span.id) === parent?.traceParent);
    spans.push({
      id,
      parent: above?.id ?? null,
      name,
      attributes,
      events: [],
      failures: [],
      ended: false,
    });
    const change = (with_: (span: RecordedSpan) => Partial<RecordedSpan>) => {
      const span = spans[id - 1];
      if (span !== undefined && !span.ended) spans[id - 1] = { ...span, ...with_(span) };
    };
    return {
      context: { traceParent: traceParentOf(id), origin: 'here' },
      logFields: {},
      set: (more) => change((span) => ({ attributes: { ...span.attributes, ...more } })),
      event: (event) => change((span) => ({ events: [...span.events, event] })),
      fail: (message) => change((span) => ({ failures: [...span.failures, message] })),
      end: () => change(() => ({ ended: true })),
    } satisfies Span;
  };
  return {
    telemetry: {
      startSpan,
      add,
      change: add,
      observe: (name, value, path) => {
        metrics[`${name} ${path}`] = value;
      },
      record: (name) => add(name, 1),
    },
    spans: () => [...spans],
    metrics: () => ({ ...metrics }),
  };
};

/** W3C Trace Context of a trace that is numbered, not drawn by chance. */
const traceParentOf = (id: number): string => `00-${'0'.repeat(31)}1-${String(id).padStart(16, '0')}-01`;
