/**
 * Why a factory was told to stop, in words: `timed out after 30 s` or `interrupted`. The steward's reasons are
 * tagged (`TimedOut`, `Interrupted`); those of other callers may be texts or `AbortSignal.timeout`'s error.
 */
export const describeAbort = (signal: AbortSignal): string => {
  const reason: unknown = signal.reason;
  const fields = typeof reason === 'object' && reason !== null ? reason : {};
  const word =
    typeof reason === 'string' ? reason : (Reflect.get(fields, '_tag') ?? Reflect.get(fields, 'name'));
  if (!/time/i.test(String(word))) return 'interrupted';
  const timeoutMs: unknown = Reflect.get(fields, 'timeoutMs');
  return typeof timeoutMs === 'number' ? `timed out after ${inWords(timeoutMs)}` : 'timed out';
};

const inWords = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
