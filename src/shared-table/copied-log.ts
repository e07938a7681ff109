import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { attempt } from '../tlogfs/failure.js';
import { encodeCheckpoint } from '../tlogfs/log/checkpoint-writing.js';
import { openTable } from '../tlogfs/log/table.js';
import type { TableState } from '../tlogfs/log/table-state.js';
import { stagedEntry, type TableLayout, tableLayout, versionOf } from '../tlogfs/table-layout.js';
import type { TLogError } from '../tlogfs/tlog.js';
import type { Bucket } from './bucket.js';
import type { ReadEntry } from './bucket-log.js';

/*
 * The copy of the log in the directory. It only saves requests: whatever is missing or damaged in it is asked for again, so that nothing
 * here fails, and nothing is made durable: after a power loss a copy may be half a one, which is told from its size or what it says.
 */

type Copy = Pick<Bucket, 'files' | 'dataDir' | 'ids' | 'now'>;

/** The state that the copy shows; null where there is none that can be read. */
export const copiedState = async ({ files, dataDir }: Copy): Promise<TableState | null> => {
  const opened = await attempt(async () => (await openTable(files, tableLayout(dataDir))).known())();
  if (!isLeft(opened)) return opened.right;
  if (isRefusal(opened.left)) throw opened.left;
  return null;
};

const isRefusal = ({ _tag }: TLogError): boolean => _tag === 'PondTooNew' || _tag === 'UnsupportedTable';

/** Keeps entries; one that is there already stays as it is. */
export const keepEntries = (copy: Copy, entries: readonly Pick<ReadEntry, 'version' | 'text'>[]): void => {
  const layout = made(copy);
  for (const { version, text } of entries) keep(copy, layout, layout.logEntry(version), text, 'once');
};

/** Keeps the checkpoint of a state, which the copy is opened from next time. */
export const keepCheckpoint = (copy: Copy, state: TableState): void => {
  const layout = made(copy);
  const { content, pointer } = encodeCheckpoint(state, copy.now());
  if (!keep(copy, layout, layout.checkpoint(state.version), content, 'replace')) return;
  keep(copy, layout, layout.lastCheckpoint, pointer, 'replace');
};

const KnownCodec = t.type({ checkpoint: t.number });

/** The version of the newest checkpoint that the store is known to have; -1: none is known. */
export const knownCheckpoint = ({ files, dataDir }: Copy): number => {
  const read = files.readFile(`${dataDir}/${KNOWN}`)();
  if (isLeft(read)) return -1;
  try {
    const known = KnownCodec.decode(JSON.parse(Buffer.from(read.right).toString()));
    return isLeft(known) ? -1 : known.right.checkpoint;
  } catch {
    // Half a file, or somebody else's: what is not known is found out.
    return -1;
  }
};

export const keepKnownCheckpoint = (copy: Copy, checkpoint: number): void => {
  keep(copy, made(copy), `${copy.dataDir}/${KNOWN}`, Buffer.from(JSON.stringify({ checkpoint })), 'replace');
};

const KNOWN = '_bucket.json';

/** Forgets the copy of the log and of the data files: they are those of another table. */
export const forgetCopy = ({ files, dataDir }: Copy): void => {
  const layout = tableLayout(dataDir);
  for (const [directory, isOurs] of [
    [layout.logDir, isLogFile],
    [layout.dataDir, (name: string) => name.startsWith('part-') || name === KNOWN],
  ] as const) {
    const names = files.readDirectory(directory)();
    if (isLeft(names)) continue;
    for (const name of names.right) if (isOurs(name)) files.remove(`${directory}/${name}`)();
  }
};

const isLogFile = (name: string): boolean =>
  name === '_last_checkpoint' ||
  versionOf(name, '.json') !== null ||
  versionOf(name, '.checkpoint.parquet') !== null;

const made = ({ files, dataDir }: Copy): TableLayout => {
  const layout = tableLayout(dataDir);
  for (const directory of [layout.logDir, layout.stagingDir]) files.makeDirectories(directory)();
  return layout;
};

/** Gives a complete file its name; false where that was not possible. */
const keep = (
  { files, ids }: Copy,
  layout: TableLayout,
  path: string,
  content: Uint8Array,
  how: 'once' | 'replace',
): boolean => {
  const staged = layout.staged(stagedEntry(ids.uuidV7()));
  if (isLeft(files.writeNewFile(staged, content, 'relaxed')())) return false;
  if (how === 'replace') return !isLeft(files.rename(staged, path)());
  const linked = files.link(staged, path)();
  files.remove(staged)();
  return !isLeft(linked) || linked.left.code === 'EEXIST';
};
