import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { sha256 } from '../../domain/documents/sha256.js';
import { HostStepCodec } from '../steps/host-step.js';

/** Format of the journal as a whole; raised when an older program could not undo what is in it. */
export const JOURNAL_FORMAT = 1;

const IntentCodec = t.type({ id: t.string, kind: t.string, steps: t.readonlyArray(HostStepCodec) });

/** An operation that may have effects, with all that undoing it needs. */
export type JournaledIntent = t.TypeOf<typeof IntentCodec>;

const FailureCodec = t.type({ operation: t.string, message: t.string });

/** The lines of a journal, in the order in which they can come. */
const RecordCodec = t.union([
  t.intersection([
    t.type({
      record: t.literal('plan'),
      format: t.literal(JOURNAL_FORMAT),
      checksum: t.string,
      operations: t.number,
      /** Microseconds since the epoch. */
      started_at: t.number,
      pid: t.number,
    }),
    /** The execution's span, W3C Trace Context, so that recovery is seen in its trace. */
    t.partial({ trace_parent: t.string }),
  ]),
  t.type({ record: t.literal('intents'), operations: t.array(IntentCodec) }),
  t.type({ record: t.literal('made'), path: t.string, device: t.string, inode: t.string }),
  /** Another process goes on; what stands before it may be a line that a crash cut off. */
  t.type({ record: t.literal('resumed'), at: t.number, pid: t.number }),
  t.type({ record: t.literal('undone'), operation: t.string }),
  t.type({ record: t.literal('executed') }),
  t.type({ record: t.literal('rolled_back') }),
  t.type({ record: t.literal('incomplete'), failures: t.array(FailureCodec) }),
]);

export type JournalRecord = t.TypeOf<typeof RecordCodec>;

const CHECK_DIGITS = 16;

const checkOf = (json: Uint8Array | string): string => sha256(json).slice(0, CHECK_DIGITS);

/** A record as a line: a checksum, a space, JSON. */
export const encodeRecord = (record: JournalRecord): Uint8Array => {
  const line = Buffer.from(`${' '.repeat(CHECK_DIGITS + 1)}${JSON.stringify(record)}\n`);
  line.write(checkOf(line.subarray(CHECK_DIGITS + 1, -1)), 'latin1');
  return line;
};

export interface UnreadableJournal {
  readonly _tag: 'UnreadableJournal';
  readonly line: number;
  readonly problem: string;
}

/**
 * The records of a journal. A last line that was cut off has had no consequences, since nothing is done before its
 * record is durable: it is left out. So is one before the line with which another process went on, though that was
 * itself cut off. Damage anywhere else makes the journal unreadable.
 */
export const decodeJournal = (bytes: Uint8Array): Either<UnreadableJournal, readonly JournalRecord[]> => {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  const read = lines.map(decodeLine);
  const records: JournalRecord[] = [];
  for (const [index, line] of read.entries()) {
    if (lines[index] === '') continue;
    if (line._tag === 'Read') {
      records.push(line.record);
      continue;
    }
    const next = read
      .slice(index + 1)
      .find(({ _tag }, later) => !(_tag === 'Damaged' && beginsResumed(lines[index + 1 + later] ?? '')));
    const wasCutOff = next === undefined || (next._tag === 'Read' && next.record.record === 'resumed');
    if (!wasCutOff || line._tag === 'Unknown') {
      return left({ _tag: 'UnreadableJournal', line: index + 1, problem: line.problem });
    }
  }
  return right(records);
};

const RESUMED = '{"record":"resumed"';

/** Whether a line is the beginning of a `resumed` record, of whatever length; an empty one is, too. */
const beginsResumed = (line: string): boolean => {
  const [, json] = /^(?:[0-9a-f]{0,16}$|[0-9a-f]{16} (.*))/.exec(line) ?? [null, null];
  if (json === null) return false;
  return json === undefined || json.startsWith(RESUMED) || RESUMED.startsWith(json);
};

type Line =
  | { readonly _tag: 'Read'; readonly record: JournalRecord }
  | { readonly _tag: 'Damaged'; readonly problem: string }
  /** Whole, but of another program. */
  | { readonly _tag: 'Unknown'; readonly problem: string };

const decodeLine = (line: string): Line => {
  const json = line.slice(CHECK_DIGITS + 1);
  if (checkOf(json) !== line.slice(0, CHECK_DIGITS)) return { _tag: 'Damaged', problem: 'wrong checksum' };
  const decoded = RecordCodec.decode(parsed(json));
  return isLeft(decoded)
    ? { _tag: 'Unknown', problem: 'a record of a newer or another program' }
    : { _tag: 'Read', record: decoded.right };
};

/** Undefined, which is not a record, for what is not JSON. */
const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
};
