import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Binding } from '../../domain/binding.js';
import { sha256 } from '../../domain/documents/sha256.js';
import { HostStepCodec } from '../steps/host-step.js';

/** Format of the journal as a whole; raised when an older program could not undo what is in it. */
export const JOURNAL_FORMAT = 1;

const IntentCodec = t.type({ id: t.string, kind: t.string, steps: t.readonlyArray(HostStepCodec) });

/** An operation that may have effects, with all that undoing it needs. */
export type JournaledIntent = t.TypeOf<typeof IntentCodec>;

const BindingCodec: t.Type<Binding> = t.type({
  machine: t.string,
  inode: t.string,
  device: t.string,
  boot: t.union([t.string, t.null]),
  pid_namespace: t.union([t.string, t.null]),
});

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
    /** `trace_parent`: the execution's span, W3C Trace Context, so that recovery is seen in its trace. */
    t.partial({
      trace_parent: t.string,
      /** Place where it was made; without it its lines are not sealed, either. */
      bound: BindingCodec,
    }),
  ]),
  t.type({ record: t.literal('intents'), operations: t.array(IntentCodec) }),
  t.type({ record: t.literal('made'), path: t.string, device: t.string, inode: t.string }),
  /** Another process goes on; what stands before it may be a line that a crash cut off. */
  t.type({ record: t.literal('resumed'), at: t.number, pid: t.number }),
  t.type({ record: t.literal('undone'), operation: t.string }),
  /** `failures`: what could not be removed afterwards. */
  t.intersection([t.type({ record: t.literal('executed') }), t.partial({ failures: t.array(FailureCodec) })]),
  t.intersection([
    t.type({ record: t.literal('rolled_back') }),
    t.partial({ failures: t.array(FailureCodec) }),
  ]),
  t.type({ record: t.literal('incomplete'), failures: t.array(FailureCodec) }),
]);

export type JournalRecord = t.TypeOf<typeof RecordCodec>;

const CHECK_DIGITS = 16;

/** Digits of a line's seal: half of HMAC-SHA256, 128 bits. */
export const SEAL_DIGITS = 32;

const checkOf = (json: Uint8Array | string): string => sha256(json).slice(0, CHECK_DIGITS);

/** A record as a line: a checksum of what follows, a space; a seal and a space, where it is sealed; JSON. */
export const encodeRecord = (
  record: JournalRecord,
  seal: ((json: string) => string) | null = null,
): Uint8Array => {
  const json = JSON.stringify(record);
  const sealed = seal === null ? json : `${seal(json)} ${json}`;
  const line = Buffer.from(`${' '.repeat(CHECK_DIGITS + 1)}${sealed}\n`);
  line.write(checkOf(line.subarray(CHECK_DIGITS + 1, -1)), 'latin1');
  return line;
};

/** Reason why nothing can be said of a plan by its journal: it is damaged, or made by a newer version. */
export interface UnreadableJournal {
  readonly _tag: 'UnreadableJournal';
  /** Number of the line, from 1. */
  readonly line: number;
  readonly problem: string;
}

/** A line of a journal that was read. */
export interface JournalLine {
  readonly record: JournalRecord;
  /** Content that was sealed. */
  readonly json: string;
  /** Null where it is not sealed. */
  readonly seal: string | null;
}

/** The records of a journal; see `readJournal`. */
export const decodeJournal = (bytes: Uint8Array): Either<UnreadableJournal, readonly JournalRecord[]> => {
  const lines = readJournal(bytes);
  return isLeft(lines) ? lines : right(lines.right.map(({ record }) => record));
};

/**
 * The lines of a journal. A last line that was cut off has had no consequences, since nothing is done before its
 * record is durable: it is left out. So is one before the line with which another process went on, though that was
 * itself cut off. Damage anywhere else makes the journal unreadable.
 */
export const readJournal = (bytes: Uint8Array): Either<UnreadableJournal, readonly JournalLine[]> => {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  const read = lines.map(decodeLine);
  const whole: JournalLine[] = [];
  for (const [index, line] of read.entries()) {
    if (lines[index] === '') continue;
    if (line._tag === 'Read') {
      whole.push(line.line);
      continue;
    }
    const next = read
      .slice(index + 1)
      .find(({ _tag }, later) => !(_tag === 'Damaged' && beginsResumed(lines[index + 1 + later] ?? '')));
    const wasCutOff = next === undefined || (next._tag === 'Read' && next.line.record.record === 'resumed');
    if (!wasCutOff || line._tag === 'Unknown') {
      return left({ _tag: 'UnreadableJournal', line: index + 1, problem: line.problem });
    }
  }
  return right(whole);
};

const RESUMED = '{"record":"resumed"';

/** Tells whether a line is the beginning of a `resumed` record, of whatever length; an empty one is, too. */
const beginsResumed = (line: string): boolean => {
  const rest = afterDigits(line, CHECK_DIGITS);
  if (rest === null || rest === '') return rest !== null;
  const json = isSealed(rest) ? afterDigits(rest, SEAL_DIGITS) : rest;
  return json !== null && (json.startsWith(RESUMED) || RESUMED.startsWith(json));
};

/** Text that follows so many digits and a space; empty where the line ends before, null where something else stands there. */
const afterDigits = (line: string, digits: number): string | null => {
  if (!/^[0-9a-f]*$/.test(line.slice(0, digits))) return null;
  if (line.length <= digits) return '';
  return line.charAt(digits) === ' ' ? line.slice(digits + 1) : null;
};

/** JSON begins with a brace, a seal never does. */
const isSealed = (rest: string): boolean => !rest.startsWith('{');

type Line =
  | { readonly _tag: 'Read'; readonly line: JournalLine }
  | { readonly _tag: 'Damaged'; readonly problem: string }
  /** Whole, but of another program. */
  | { readonly _tag: 'Unknown'; readonly problem: string };

const decodeLine = (line: string): Line => {
  const rest = line.slice(CHECK_DIGITS + 1);
  if (checkOf(rest) !== line.slice(0, CHECK_DIGITS)) return { _tag: 'Damaged', problem: 'wrong checksum' };
  const seal = isSealed(rest) ? rest.slice(0, SEAL_DIGITS) : null;
  const json = seal === null ? rest : rest.slice(SEAL_DIGITS + 1);
  const decoded = RecordCodec.decode(parsed(json));
  return isLeft(decoded)
    ? { _tag: 'Unknown', problem: 'a record of a newer or another program' }
    : { _tag: 'Read', line: { record: decoded.right, json, seal } };
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
