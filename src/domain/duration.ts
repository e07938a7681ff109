import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** A string that is not a duration. */
export interface InvalidDuration {
  readonly _tag: 'InvalidDuration';
  readonly text: string;
}

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The longest wait a timer can do: 2^31 - 1 milliseconds, about 24 days. */
const LONGEST = 2_147_483_647;

/** Reads a duration such as `250ms`, `30s`, `10m`, `1.5h`, `2d` into milliseconds. Zero and less are refused. `longest` in milliseconds. */
export const parseDuration = (text: string, longest = LONGEST): Either<InvalidDuration, number> => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim());
  const milliseconds =
    match === null ? Number.NaN : Number(match[1]) * MILLISECONDS[match[2] as keyof typeof MILLISECONDS];
  return milliseconds > 0 && milliseconds <= longest
    ? right(Math.ceil(milliseconds))
    : left({ _tag: 'InvalidDuration', text });
};

/**
 * Milliseconds in words, the same everywhere: `850 ms`, `12.3 s`, `4 m 05 s`, `3 h 05 m`, `2 d 03 h`. Nothing reads
 * them back.
 */
export const printDuration = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3_600) return twoUnits(seconds, 60, 'm', 's');
  const minutes = Math.round(seconds / 60);
  return minutes < 1_440 ? twoUnits(minutes, 60, 'h', 'm') : twoUnits(Math.round(minutes / 60), 24, 'd', 'h');
};

const twoUnits = (amount: number, perLarge: number, large: string, small: string): string =>
  `${Math.floor(amount / perLarge)} ${large} ${String(amount % perLarge).padStart(2, '0')} ${small}`;

const durationCodec = (name: string, longest: number) =>
  new t.Type<number, string, unknown>(
    name,
    (input): input is number => typeof input === 'number',
    (input, context) => {
      if (typeof input !== 'string') return t.failure(input, context);
      const parsed = parseDuration(input, longest);
      if (!isLeft(parsed)) return t.success(parsed.right);
      const isTooLong = !isLeft(parseDuration(input, Number.POSITIVE_INFINITY));
      return isTooLong
        ? t.failure(
            input,
            context,
            `expected a duration of at most ${inDays(longest)}, got ${shortened(input)}`,
          )
        : t.failure(input, context);
    },
    writeDuration,
  );

/** Whole days, rounded down. */
const inDays = (milliseconds: number): string => `${Math.floor(milliseconds / MILLISECONDS.d)}d`;

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}...` : text);

/** Milliseconds as {@link parseDuration} reads them: in days or hours where these are whole. */
export const writeDuration = (milliseconds: number): string => {
  const unit = (['d', 'h', 'm', 's'] as const).find((one) => milliseconds % MILLISECONDS[one] === 0) ?? 'ms';
  return `${milliseconds / MILLISECONDS[unit]}${unit}`;
};

/** A duration in a configuration, decoded into milliseconds. */
export const DurationCodec = durationCodec('a duration such as 500ms, 30s, 10m or 2h', LONGEST);

/** The time for which something is kept, which no timer waits for: up to ten years. */
export const RetentionCodec = durationCodec('a duration such as 12h, 30d or 365d', 3_653 * 86_400_000);
