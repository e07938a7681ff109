import { parquetWriteBuffer } from 'hyparquet-writer';
import type { FileSystem } from '../../ports/file-system.js';
import { run, runTask } from '../failure.js';
import { ENGINE, type TableLayout } from '../table-layout.js';
import { CHECKPOINT_COLUMNS, CHECKPOINT_SCHEMA } from './checkpoint-schema.js';
import type { TableState } from './table-state.js';

/**
 * Milliseconds that tombstones stay in checkpoints: `delta.deletedFileRetentionDuration` of the tables made here.
 * Short, because a pond merges often and every checkpoint repeats them all.
 */
export const TOMBSTONE_RETENTION_MS = 3_600_000;

type Action = Partial<Record<(typeof CHECKPOINT_COLUMNS)[number], Readonly<Record<string, unknown>>>>;

/** Writes the checkpoint of a state and points `_last_checkpoint` at it, durably. `now`: milliseconds since the epoch. */
export const writeCheckpoint = async (
  files: FileSystem,
  layout: TableLayout,
  state: TableState,
  now: number,
): Promise<void> => {
  await publishCheckpoint(files, layout, state, now);
  run(files.fsyncDirectory(layout.logDir));
};

/**
 * The same where a loss of power may leave `_last_checkpoint` pointing at the checkpoint before, which the log that follows that one
 * is still there for. The checkpoint is whole and durable before anything points at it, and each file appears under its name at once:
 * a crash in between leaves the checkpoint before, or this one without its pointer.
 */
export const publishCheckpoint = async (
  files: FileSystem,
  layout: TableLayout,
  state: TableState,
  now: number,
): Promise<void> => {
  const { content, pointer } = encodeCheckpoint(state, now);
  const path = layout.checkpoint(state.version);
  const staged = { path: stagedFor(layout, path), content };
  const stagedPointer = { path: stagedFor(layout, layout.lastCheckpoint), content: pointer };
  for (const left of [staged, stagedPointer]) run(files.remove(left.path));
  await runTask(files.writeNewFiles([staged, stagedPointer], []));
  run(files.rename(staged.path, path));
  run(files.fsyncDirectory(layout.logDir));
  run(files.rename(stagedPointer.path, layout.lastCheckpoint));
};

/** Name under which such a file is made before it is in its place. */
const stagedFor = (layout: TableLayout, path: string): string =>
  layout.staged(`maintain-${path.slice(path.lastIndexOf('/') + 1)}`);

/** The content of a state's checkpoint, and of the `_last_checkpoint` that points at it. `now`: milliseconds since the epoch. */
export const encodeCheckpoint = (
  state: TableState,
  now: number,
): { readonly content: Uint8Array; readonly pointer: Uint8Array } => {
  const actions = actionsOf(state, now);
  const content = encodeActions(actions);
  const pointer = { version: state.version, size: actions.length, sizeInBytes: content.length };
  return { content, pointer: Buffer.from(JSON.stringify(pointer)) };
};

/** Puts a complete and durable file in its place, in the log's folder or beside it. */
export const publishFile = (
  files: FileSystem,
  layout: TableLayout,
  path: string,
  content: Uint8Array,
): void => {
  const staged = stagedFor(layout, path);
  run(files.remove(staged));
  run(files.writeNewFile(staged, content));
  run(files.rename(staged, path));
  run(files.fsyncDirectory(layout.logDir));
};

const actionsOf = (state: TableState, now: number): readonly Action[] => [
  { protocol: long(state.protocol, []) },
  {
    metaData: long({ ...state.metaData, format: { options: {}, ...state.metaData.format } }, ['createdTime']),
  },
  ...[...state.txns.values()].map((txn) => ({ txn: long(txn, ['version', 'lastUpdated']) })),
  // A checkpoint is not a change of data, whatever the log entry was that added the file.
  ...[...state.files.values()].map(({ bounds: _, ...add }) => ({
    add: long({ ...add, partitionValues: {}, dataChange: false }, ['size', 'modificationTime']),
  })),
  ...[...state.removed.values()]
    .filter(({ deletionTimestamp }) => (deletionTimestamp ?? 0) > now - TOMBSTONE_RETENTION_MS)
    .map((remove) => ({ remove: long({ ...remove, dataChange: false }, ['deletionTimestamp', 'size']) })),
];

/** Parquet's 64-bit columns want bigints. The largest number of 64 bits is read as the one after it. */
const long = (action: object, columns: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(action).map(([key, value]) => [
      key,
      columns.includes(key) && typeof value === 'number' ? atMost(BigInt(value)) : value,
    ]),
  );

const LARGEST = 2n ** 63n - 1n;

const atMost = (value: bigint): bigint => (value > LARGEST ? LARGEST : value);

const encodeActions = (actions: readonly Action[]): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      schema: CHECKPOINT_SCHEMA,
      codec: 'SNAPPY',
      statistics: false,
      rowGroupSize: Math.max(actions.length, 1),
      createdBy: ENGINE,
      columnData: CHECKPOINT_COLUMNS.map((name) => ({ name, data: actions.map((action) => action[name]) })),
    }),
  );
