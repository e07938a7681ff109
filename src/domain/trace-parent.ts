/**
 * Place of a span in its trace, as W3C Trace Context writes it: `00-<trace id>-<span id>-<flags>`. The text is what is
 * stored, handed to children, and taken from the environment.
 */
export interface TraceParent {
  /** 32 hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all 0. */
  readonly spanId: string;
  /** Tells whether whoever made the span has recorded it. */
  readonly sampled: boolean;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** Null for what is none. A newer version's fields after the flags are passed over, as the standard asks. */
export const parseTraceParent = (text: string | null | undefined): TraceParent | null => {
  // Most processes are given none, and end sooner than it pays to compile what one looks like.
  if (!text) return null;
  const [, version, traceId = '', spanId = '', flags = '', rest] = FORM.exec(text) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
};

export const printTraceParent = ({ traceId, spanId, sampled }: TraceParent): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
