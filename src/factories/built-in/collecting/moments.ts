import { microsOfWritten, writtenTime } from '../../../domain/written-time.js';

/**
 * Microseconds since the epoch of what somebody says as a time; null for what is none. A number is in seconds, milliseconds,
 * microseconds or nanoseconds by its size. A text without a zone is meant in `zone`.
 */
export const momentOf = (value: unknown, zone: string | null): number | null => {
  if (typeof value === 'number' || typeof value === 'bigint') return momentOfNumber(Number(value));
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^-?\d{9,19}(\.\d+)?$/.test(text)) return momentOfNumber(Number(text));
  const written = writtenTime(text);
  return written === null ? null : microsOfWritten(written, zone);
};

const momentOfNumber = (amount: number): number | null => {
  if (!Number.isFinite(amount)) return null;
  const size = Math.abs(amount);
  if (size < 1e11) return Math.round(amount * 1e6);
  if (size < 1e14) return Math.round(amount * 1e3);
  return size < 1e17 ? Math.round(amount) : Math.floor(amount / 1e3);
};
