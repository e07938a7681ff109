import type { FileSystem } from '../../ports/file-system.js';
import { corrupt, run } from '../failure.js';
import { readAllRecords } from '../parquet/record-reading.js';
import type { TableLayout } from '../table-layout.js';
import { decodeAction, decodeAdd, MetaData, Protocol, Remove, Txn } from './log-entry.js';
import type { TableState } from './table-state.js';

type Stored = Readonly<Record<string, unknown>>;

/** The state that a checkpoint holds. Throws `CorruptData`, or `ENOENT` where there is none. */
export const readCheckpoint = (
  files: FileSystem,
  layout: TableLayout,
  version: number,
): Promise<TableState> => readCheckpointFile(files, layout.checkpoint(version), version);

/** The same of a file that lies elsewhere. */
export const readCheckpointFile = async (
  files: FileSystem,
  path: string,
  version: number,
): Promise<TableState> => {
  const rows = await readAllRecords(files, path, run(files.stat(path)).size);
  const actions = (kind: string): readonly Stored[] => rows.map((row) => row[kind]).filter(isAction);
  const [protocol] = actions('protocol').map((action) => decodeAction(path, Protocol, numbers(action)));
  const [metaData] = actions('metaData').map((action) => decodeAction(path, MetaData, numbers(action)));
  if (protocol === undefined || metaData === undefined) throw corrupt(path, 'no protocol or no metaData');
  const txns = actions('txn').map((action) => decodeAction(path, Txn, numbers(action)));
  const adds = actions('add').map((action) => decodeAdd(path, numbers(action)));
  const removes = actions('remove').map((action) => decodeAction(path, Remove, numbers(action)));
  return {
    version,
    protocol,
    metaData,
    txns: new Map(txns.map((txn) => [txn.appId, txn])),
    files: new Map(adds.map((add) => [add.path, add])),
    removed: new Map(removes.map((remove) => [remove.path, remove])),
    checkpointVersion: version,
  };
};

const isAction = (value: unknown): value is Stored => typeof value === 'object' && value !== null;

/** 64-bit columns arrive as bigints; all that the log holds in them fits a number. */
const numbers = (action: Stored): Stored =>
  Object.fromEntries(
    Object.entries(action).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
  );
