import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { keyErrors } from '../../domain/documents/decode-error.js';
import { sha256 } from '../../domain/documents/sha256.js';
import { ChainCodec } from '../../domain/plans/chain.js';
import { corrupt, notSupported } from '../failure.js';
import { fileNameOf } from '../table-layout.js';
import { withChecksum } from './entry-checksum.js';
import { decodeStatistics, encodeStatistics, type RowBounds } from './file-statistics.js';

/*
 * The actions of a Delta Lake log entry (protocol, "Actions"), as far as reader version 1 and writer version 2 know
 * them: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions
 */

const optional = <A extends t.Mixed>(type: A) => t.union([type, t.null, t.undefined]);
const Texts = t.record(t.string, optional(t.string));

const numberThat = (is: (value: number) => boolean, name: string) => t.refinement(t.number, is, name);
/** A number that is exact. */
const Whole = numberThat(Number.isSafeInteger, 'a whole number');
/** A number of 64 bits: those of other programs may have more digits than are exact. */
const Long = numberThat((value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 63, 'a whole number');
const Version = numberThat(
  (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31,
  'the number of a version',
);

export const Protocol = t.type({ minReaderVersion: Version, minWriterVersion: Version }, 'protocol');
export const MetaData = t.intersection(
  [
    t.type({
      id: t.string,
      format: t.intersection([t.type({ provider: t.string }), t.partial({ options: optional(Texts) })]),
      schemaString: t.string,
      partitionColumns: t.array(t.string),
      configuration: Texts,
    }),
    t.partial({ name: optional(t.string), description: optional(t.string), createdTime: optional(Long) }),
  ],
  'metaData',
);
export const Txn = t.intersection(
  [t.type({ appId: t.string, version: Long }), t.partial({ lastUpdated: optional(Long) })],
  'txn',
);
const Add = t.intersection(
  [
    t.type({ path: t.string, size: Whole, modificationTime: Long, dataChange: t.boolean }),
    t.partial({ stats: optional(t.string), tags: optional(Texts), deletionVector: t.unknown }),
  ],
  'add',
);
export const Remove = t.intersection(
  [
    t.type({ path: t.string, dataChange: t.boolean }),
    t.partial({ deletionTimestamp: optional(Long), size: optional(Long) }),
  ],
  'remove',
);
export const TransactionInfo = t.intersection(
  [
    t.type({
      operation: t.string,
      txn_seq: Whole,
      txn_id: t.string,
      txn_timestamp: Whole,
      cli_args: t.array(t.string),
      plan_checksum: t.string,
      suppressed: t.union([
        t.literal('no-post-commit'),
        t.literal('inside-task'),
        t.literal('not-trusted'),
        t.literal('too-many-derived'),
        t.null,
      ]),
    }),
    t.partial({
      planner_version: optional(t.number),
      caused_by: optional(ChainCodec),
      changed_in_chain: optional(t.readonlyArray(t.string)),
      no_gates: optional(t.boolean),
      incarnation: optional(t.string),
      /** The transaction before it, where that is not the number before its own. */
      based_on_seq: optional(Whole),
    }),
  ],
  'commitInfo',
);
/** Every line of our own entries is counted: one that lost its last lines is found out. */
const Counted = t.partial({ action_count: t.number });

export type Protocol = t.TypeOf<typeof Protocol>;
export type MetaData = t.TypeOf<typeof MetaData>;
export type Txn = t.TypeOf<typeof Txn>;
export type Remove = t.TypeOf<typeof Remove>;
export type TransactionInfo = t.TypeOf<typeof TransactionInfo>;

/** A file of the table, with its decoded statistics. */
export interface DataFile extends t.TypeOf<typeof Add> {
  readonly bounds: RowBounds;
}

/** The tag of an `add` that says the SHA-256 of its file: Parquet itself does not tell one flipped byte. */
export const DIGEST_TAG = 'pond.sha256';

/** One log entry: what a version changed. */
export interface LogEntry {
  readonly protocol: Protocol | null;
  readonly metaData: MetaData | null;
  readonly txns: readonly Txn[];
  readonly adds: readonly DataFile[];
  readonly removes: readonly Remove[];
  /** Present for write transactions of a pond; compaction and foreign writers have none. */
  readonly transaction: TransactionInfo | null;
}

/** A file that an entry adds. `partitionValues`: the table has none. */
export interface NewDataFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly bounds: RowBounds;
  /** Milliseconds since the epoch. */
  readonly modificationTime: number;
  /** False where its rows were in other files before. */
  readonly dataChange: boolean;
}

/** The `add` action of a new file. */
export const addAction = ({ path, content, bounds, modificationTime, dataChange }: NewDataFile) => ({
  path,
  partitionValues: {},
  size: content.length,
  modificationTime,
  dataChange,
  stats: encodeStatistics(bounds),
  tags: { [DIGEST_TAG]: sha256(content) },
});

/** The content of a log entry's file. `commitInfo` comes first; the rest in the given order. */
export const encodeLogEntry = (
  commitInfo: Readonly<Record<string, unknown>>,
  actions: readonly Readonly<Record<string, unknown>>[],
): Uint8Array =>
  Buffer.from(
    withChecksum(
      [{ commitInfo: { ...commitInfo, action_count: actions.length + 1 } }, ...actions]
        .map((action) => `${JSON.stringify(action)}\n`)
        .join(''),
    ),
  );

/** Reads a log entry; throws `CorruptData` naming the file. Actions of kinds that are not known are passed over. */
export const decodeLogEntry = (path: string, content: Uint8Array): LogEntry => {
  const lines = Buffer.from(content)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseAction(path, line));
  if (lines.length === 0) throw corrupt(path, 'empty log entry');
  const all = <A>(kind: string, codec: t.Type<A, unknown>): readonly A[] =>
    lines.flatMap((line) => (line[kind] === undefined ? [] : [decodeAction(path, codec, line[kind])]));
  const counts = all('commitInfo', Counted);
  for (const { action_count: count } of counts) {
    if (count !== undefined && count !== lines.length) {
      throw corrupt(path, `${count} actions were written, ${lines.length} are there`);
    }
  }
  const transactions = lines.filter(({ commitInfo }) => namesTransaction(commitInfo));
  return {
    protocol: all('protocol', Protocol)[0] ?? null,
    metaData: all('metaData', MetaData)[0] ?? null,
    txns: all('txn', Txn),
    adds: all('add', Add).map((add) => dataFile(path, add)),
    removes: all('remove', Remove),
    transaction:
      transactions.map(({ commitInfo }) => decodeAction(path, TransactionInfo, commitInfo))[0] ?? null,
  };
};

/** Problems of one action that are said. */
const MOST_PROBLEMS = 5;

/**
 * A decoded value of an action, or `CorruptData`. `codec` makes nothing else of a value that it accepts: asking whether it is one
 * takes far fewer calls than decoding does, which notes the way to each member.
 */
export const decodeAction = <A>(path: string, codec: t.Type<A, unknown>, value: unknown): A => {
  if (codec.is(value)) return value;
  const decoded = codec.decode(value);
  if (isLeft(decoded)) {
    const problems = keyErrors(decoded.left).map(({ key, message }) => `${key}: ${message}`);
    const more = problems.length - MOST_PROBLEMS;
    const said = [...problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])];
    throw corrupt(path, `${codec.name}: ${said.join('; ')}`);
  }
  return decoded.right;
};

/** An `add` action as a file of the table. */
export const decodeAdd = (path: string, value: unknown): DataFile =>
  dataFile(path, decodeAction(path, Add, value));

const dataFile = (path: string, add: t.TypeOf<typeof Add>): DataFile => {
  const bounds = decodeStatistics(add.stats);
  if (bounds === null) throw corrupt(path, `add ${add.path}: unreadable statistics`);
  // Its rows are not all there, which the protocol of a table must say that has such files; this one does not.
  if (add.deletionVector !== undefined && add.deletionVector !== null)
    throw notSupported(path, `add ${add.path}: a deletion vector (table feature deletionVectors)`);
  // Paths come from a file: one that leads out of the table is not followed.
  const name = fileNameOf(add.path);
  if (/^[a-z][a-z0-9+.-]*:/i.test(name)) {
    throw notSupported(path, `add ${add.path}: a file outside of the table (a shallow clone)`);
  }
  if (name.startsWith('/') || name.includes('\0') || name.split('/').includes('..')) {
    throw corrupt(path, `add ${add.path}: not a relative path inside the table`);
  }
  return { ...add, bounds };
};

const Line = t.record(t.string, t.unknown);

const parseAction = (path: string, line: string): t.TypeOf<typeof Line> => {
  try {
    return decodeAction(path, Line, JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError) throw corrupt(path, `not JSON: ${error.message}`);
    throw error;
  }
};

const namesTransaction = (commitInfo: unknown): boolean =>
  typeof commitInfo === 'object' && commitInfo !== null && 'txn_seq' in commitInfo;
