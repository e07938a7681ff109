import type { Redact } from '../../../domain/secrets/redactor.js';
import type { Clock } from '../../../ports/clock.js';
import type { Bound } from './bound.js';
import type { ShownPond } from './shown-pond.js';

/** Everything that the interface's answers are made of. */
export interface Interface {
  readonly ponds: readonly ShownPond[];
  /** True: what changes something is refused. */
  readonly readOnly: boolean;
  readonly clock: Clock;
  /** Takes what is secret out of words. */
  readonly redact: Redact;
  /** Variables, of which `POND_TRACE_URL` says where traces are shown. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Queries that may go on at once. */
  readonly queries: Bound;
  /** Streams of events that may be open at once. */
  readonly streams: Bound;
}
