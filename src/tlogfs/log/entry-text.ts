import type { FileSystem } from '../../ports/file-system.js';
import { isMissing } from '../failure.js';
import { packRangeOf, type TableLayout } from '../table-layout.js';
import { type PackedTexts, type PackIndex, readPackBlock, readPackIndex } from './history-pack.js';

type Reading = Pick<FileSystem, 'readFile' | 'readRange' | 'readDirectory' | 'stat'>;
type Where = Pick<TableLayout, 'logEntry' | 'historyDir' | 'pack'>;

/**
 * Returns the bytes of the log entry of a version exactly as they were published, whether it is a file of its own or
 * packed with others. Throws a `FileSystemError` (`ENOENT` where there is no such version, or another engine has removed
 * its entry), and `CorruptData` where a pack cannot be read. Whoever needs the text of an entry, to send it somewhere or to
 * read the history, asks here and not for a file of the log's folder.
 */
export const readEntryText = (files: Reading, layout: Where, version: number): Uint8Array => {
  const own = files.readFile(layout.logEntry(version))();
  if (own._tag === 'Right') return own.right;
  if (!isMissing(own.left)) throw own.left;
  const packed = readPacked(files, layout, version);
  if (packed === null) throw own.left;
  return packed;
};

/** Versions that one pack holds. */
export interface PackRange {
  readonly first: number;
  /** The last one, included. */
  readonly last: number;
}

/** The packs of a table, in ascending order. One may be within another that was made of it. */
export const packsOf = (
  files: Pick<FileSystem, 'readDirectory' | 'stat'>,
  { historyDir }: Pick<TableLayout, 'historyDir'>,
): readonly PackRange[] => {
  // Most tables have none, and every look for a newer version asks: the error of a missing directory costs more than a look.
  const there = files.stat(historyDir)();
  if (there._tag === 'Left' && isMissing(there.left)) return [];
  const names = files.readDirectory(historyDir)();
  if (names._tag === 'Left') {
    if (isMissing(names.left)) return [];
    throw names.left;
  }
  return names.right
    .flatMap((name) => packRangeOf(name) ?? [])
    .sort((a, b) => a.first - b.first || b.last - a.last);
};

/** A pack that was listed may have been made part of another one since: then it is looked for again. */
const TRIES = 3;

const readPacked = (files: Reading, layout: Where, version: number): Uint8Array | null => {
  for (let tries = 1; ; tries += 1) {
    const pack = packsOf(files, layout).find(({ first, last }) => first <= version && version <= last);
    if (pack === undefined) return null;
    try {
      const { first, texts } = blockOf(files, layout.pack(pack), version);
      return texts[version - first] ?? null;
    } catch (error) {
      if (!isMissing(error) || tries === TRIES) throw error;
    }
  }
};

interface Remembered {
  readonly path: string;
  readonly index: PackIndex;
  block: PackedTexts;
}

/** The block that was read last: whoever reads the history reads one entry after another. */
const remembered = new WeakMap<object, Remembered>();

const blockOf = (files: Reading, path: string, version: number): PackedTexts => {
  const known = remembered.get(files);
  if (known?.path === path) {
    const { first, texts } = known.block;
    if (first <= version && version < first + texts.length) return known.block;
  }
  const index = known?.path === path ? known.index : readPackIndex(files, path);
  const block = readPackBlock(files, path, index, version);
  remembered.set(files, { path, index, block });
  return block;
};

/** Tells whether there is an entry of a version, of its own or packed. */
export const hasEntry = (
  files: Reading,
  layout: Where,
  version: number,
  packs: readonly PackRange[],
): boolean => {
  const found = files.stat(layout.logEntry(version))();
  if (found._tag === 'Right') return true;
  if (!isMissing(found.left)) throw found.left;
  return packs.some(({ first, last }) => first <= version && version <= last);
};
