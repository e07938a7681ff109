import { parseTraceParent, printTraceParent, type TraceParent } from '../domain/trace-parent.js';
import type { Ids } from '../ports/ids.js';
import type { Span, SpanStart, TraceContext } from '../ports/telemetry.js';

const NO_FIELDS: Readonly<Record<string, string>> = {};

const nothing = (): void => undefined;

/**
 * A span that nobody records. It has an identity all the same, made when it is first asked for: it is stored with
 * commits and attempts, so that what is recorded of them later finds the rest of its trace.
 */
export const untracedSpan = (ids: Ids, { parent, context }: Pick<SpanStart, 'parent' | 'context'>): Span =>
  new UntracedSpan(ids, parent?.traceParent, context);

/** A class, because there are many: what they have in common is made once. */
class UntracedSpan implements Span {
  readonly logFields = NO_FIELDS;
  readonly set = nothing;
  readonly event = nothing;
  readonly fail = nothing;
  readonly end = nothing;
  readonly #ids: Ids;
  readonly #parent: string | undefined;
  #made: TraceContext | null;

  constructor(ids: Ids, parent: string | undefined, context: TraceContext | undefined) {
    this.#ids = ids;
    this.#parent = parent;
    this.#made = context ?? null;
  }

  get context(): TraceContext {
    this.#made ??= newContext(this.#ids, parseTraceParent(this.#parent));
    return this.#made;
  }
}

const newContext = (ids: Ids, parent: TraceParent | null): TraceContext => ({
  traceParent: printTraceParent({
    traceId: parent?.traceId ?? hexDigits(ids),
    spanId: hexDigits(ids).slice(-SPAN_ID_DIGITS),
    sampled: parent?.sampled ?? false,
  }),
  origin: 'here',
});

const SPAN_ID_DIGITS = 16;

/** A UUID's 16 bytes are a trace id, the random half of them a span id; its variant bits keep either from being 0. */
const hexDigits = (ids: Ids): string => ids.uuidV7().replaceAll('-', '');
