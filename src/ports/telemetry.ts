import type {
  CounterName,
  GaugeName,
  HistogramName,
  LabelName,
  PathGaugeName,
  SpanName,
} from './telemetry-names.js';

/** Attributes of a span or an event, by name. There is never a secret in them. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A place in a trace, under which spans can be started. */
export interface TraceContext {
  /** The context as W3C Trace Context writes it. */
  readonly traceParent: string;
  /**
   * The origin: who began it, a span of this process; whoever called this process; or a process of another day, from whose
   * record it was read. A caller's decision whether to record holds; that of another day does not bind this process.
   */
  readonly origin: 'here' | 'caller' | 'record';
}

/** A stretch of work that is going on. Nothing here throws, and nothing changes what is done. */
export interface Span {
  /** Its place in its trace, under which further spans can be started. */
  readonly context: TraceContext;
  /** `trace_id` and `span_id` for log lines; empty where nobody records the span. */
  readonly logFields: Readonly<Record<string, string>>;
  /** Adds attributes; one that is there already is replaced. */
  readonly set: (attributes: Attributes) => void;
  /** Something that happened at this moment. */
  readonly event: (name: string, attributes?: Attributes) => void;
  /** Records an error, in words without secrets; the span counts as failed from then on. */
  readonly fail: (message: string) => void;
  /** Once; whatever is said afterwards is lost. */
  readonly end: () => void;
}

/** Options that a span begins with. */
export interface SpanStart {
  readonly name: SpanName;
  /** Null begins a trace. */
  readonly parent: TraceContext | null;
  readonly attributes?: Attributes;
  /** Spans that this one follows without being inside them. */
  readonly links?: readonly string[];
  /** Its place in its trace, where that is recorded already; only where nobody watches. */
  readonly context?: TraceContext;
}

/** Channel through which the product speaks about its work, for traces and metrics. Context is handed on explicitly, never ambient. */
export interface Telemetry {
  /** Begins a span, which lasts until its `end` is called. */
  readonly startSpan: (start: SpanStart) => Span;
  /** Tells whether anybody may record spans now; without it somebody may. */
  readonly isWatched?: () => boolean;
  /** Adds to a counter. */
  readonly add: (
    counter: CounterName,
    amount: number,
    labels?: Readonly<Partial<Record<LabelName, string>>>,
  ) => void;
  /** Adds to a gauge how much it has risen (or fallen), over everything that this process does. */
  readonly change: (gauge: GaugeName, by: number) => void;
  /** Says what a gauge of one path of a pond is now. There is one series for each path, so a caller bounds their number. */
  readonly observe: (gauge: PathGaugeName, value: number, path: string) => void;
  /** Records how long something took, in seconds. */
  readonly record: (
    histogram: HistogramName,
    seconds: number,
    labels?: Readonly<Partial<Record<LabelName, string>>>,
  ) => void;
}
