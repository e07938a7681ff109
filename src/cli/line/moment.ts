import { InvalidArgumentError } from 'commander';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { parseDuration } from '../../domain/duration.js';
import { microsOfWritten, writtenTime } from '../../domain/written-time.js';
import { type UsageError, usage } from '../errors.js';

/** A state of the pond as it is named on the command line. */
export type Moment =
  | { readonly _tag: 'Latest' }
  | { readonly _tag: 'Transaction'; readonly txnSeq: number }
  /** A time in microseconds since the epoch, of which the newest commit is meant that is not after it; `from`: the beginning of what was named. */
  | { readonly _tag: 'Time'; readonly from: number; readonly timestamp: number };

/** The longest age: a thousand years, in milliseconds. */
const OLDEST = 1000 * 366 * 86_400_000;

/** Last microsecond of a day, counted from its beginning. */
const END_OF_DAY = 86_400_000_000 - 1;

/**
 * Reads `latest`, the number of a transaction, or a time: `2026-11-20` (the end of that day in UTC),
 * `2026-11-20T10:00Z`, `2026-11-20T10:00:30.5+01:00`, `-3d` (as long ago). A time of day needs its zone.
 */
export const parseMoment = (text: string, nowMicros: number): Either<UsageError, Moment> => {
  if (text === 'latest') return right({ _tag: 'Latest' });
  if (/^[1-9]\d{0,14}$/.test(text)) return right({ _tag: 'Transaction', txnSeq: Number(text) });
  if (text.startsWith('-')) {
    const ago = parseDuration(text.slice(1), OLDEST);
    if (ago._tag === 'Left') return left(notAMoment(text));
    const timestamp = nowMicros - ago.right * 1000;
    return right({ _tag: 'Time', from: timestamp, timestamp });
  }
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const hasZone = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const written = day || hasZone ? writtenTime(text) : null;
  const from = written === null ? null : microsOfWritten(written, 'UTC');
  if (from === null) return left(notAMoment(text));
  // Commits are made within milliseconds: the whole of the one that was named counts.
  return right({ _tag: 'Time', from, timestamp: from + (day ? END_OF_DAY : 999) });
};

const notAMoment = (text: string): UsageError =>
  usage(
    `${JSON.stringify(text)} is neither a transaction nor a time`,
    'a number such as 42, latest, a day such as 2026-11-20, a time with its zone such as 2026-11-20T10:00Z, or an age such as -3d',
  );

/** The parser of an option that names a state, for commander: returns the text, or throws what is a usage error. */
export const momentText = (text: string): string => {
  const parsed = parseMoment(text, 0);
  if (parsed._tag === 'Left') throw new InvalidArgumentError(`Expected ${parsed.left.remedy}.`);
  return text;
};
