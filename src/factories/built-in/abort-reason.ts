import { printDuration } from '../../domain/duration.js';

/** Returns why a factory was told to stop, in words: `timed out after 30.0 s`, `cancelled` or `interrupted`. */
export const describeAbort = (signal: AbortSignal): string => {
  const reason = reasonOf(signal);
  if (typeof reason === 'string') return reason;
  return reason.timeoutMs === null ? 'timed out' : `timed out after ${printDuration(reason.timeoutMs)}`;
};

/** The executor's reasons are tagged; other callers use `AbortSignal.timeout`, whose reason has a name. */
const reasonOf = ({
  reason,
}: AbortSignal): 'interrupted' | 'cancelled' | { readonly timeoutMs: number | null } => {
  if (typeof reason !== 'object' || reason === null) return 'interrupted';
  if (fieldOf(reason, '_tag') === 'Cancelled') return 'cancelled';
  const isTimeout = fieldOf(reason, '_tag') === 'TimedOut' || fieldOf(reason, 'name') === 'TimeoutError';
  if (!isTimeout) return 'interrupted';
  const timeoutMs = fieldOf(reason, 'timeoutMs');
  return { timeoutMs: typeof timeoutMs === 'number' ? timeoutMs : null };
};

const fieldOf = (reason: object, key: string): unknown => Reflect.get(reason, key);
