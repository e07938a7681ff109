import * as t from 'io-ts';
import type { FileStat, FileSystem } from '../../ports/file-system.js';
import { corrupt, isCorrupt, isMissing, isUnreadable } from '../failure.js';
import { type TableLayout, versionOf } from '../table-layout.js';
import type { TLogError } from '../tlog.js';
import { readCheckpoint } from './checkpoint-reading.js';
import { hasEntry, type PackRange, packsOf, readEntryText } from './entry-text.js';
import { decodeAction, decodeLogEntry, type LogEntry } from './log-entry.js';
import { refuseUnknownFormat } from './pond-format.js';
import { BEGINNING, replay, type TableState } from './table-state.js';

/** The newest known state of a table. Everything here throws its failures; see `failure.ts`. */
export interface Table {
  /** The state as of the last look. */
  readonly known: () => TableState;
  /** Looks for newer versions. */
  readonly refresh: () => TableState;
  /** Takes in a version that this process has just published. `after`: the state that it makes, where that is known already. */
  readonly advance: (entry: LogEntry, after?: TableState) => TableState;
  /** Takes note of a checkpoint that this process has just written. */
  readonly checkpointed: (version: number) => void;
  /** Takes the state that the whole log adds up to, where a checkpoint had said otherwise. */
  readonly restored: (state: TableState) => void;
  readonly readEntry: (version: number) => LogEntry;
  /** The version of the oldest entry that is there: above 0 where another engine has cleaned up the log. */
  readonly firstEntry: () => number;
}

/** Versions that are looked for beyond the first missing one when a table is opened. */
const GAP_PROBE = 16;

/** Content of `_last_checkpoint` (protocol, "Last Checkpoint File"). */
const LastCheckpoint = t.intersection(
  [
    t.type({ version: t.number, size: t.number }),
    t.partial({ sizeInBytes: t.union([t.number, t.null, t.undefined]) }),
  ],
  '_last_checkpoint',
);

/** Opens the table at its newest version: the last checkpoint, then the log entries after it. */
export const openTable = async (files: FileSystem, layout: TableLayout): Promise<Table> => {
  const checkpoint = await newestCheckpoint(files, layout);
  const first = followingEntries(files, layout, checkpoint?.version ?? -1, GAP_PROBE);
  if (checkpoint === null && first.length === 0) {
    throw { _tag: 'NotAPond', path: layout.dataDir } satisfies TLogError;
  }
  let state = replay(layout.logDir, checkpoint ?? BEGINNING, first);
  let published: PublishedEntry | null = null;
  if (state.protocol.minReaderVersion > 1) {
    throw unsupported(layout, `it needs reader version ${state.protocol.minReaderVersion}, this is 1`);
  }
  refuseUnknownFormat(layout.dataDir, state);
  return {
    known: () => state,
    refresh: () => {
      const entries = followingEntries(files, layout, state.version, 1);
      if (entries.length > 0) {
        const newer = replay(layout.logDir, state, entries);
        refuseUnknownFormat(layout.dataDir, newer);
        state = newer;
      }
      return state;
    },
    advance: (entry, after = replay(layout.logDir, state, [entry])) => {
      state = after;
      published = publishedEntry(files, layout, state.version, entry);
      return state;
    },
    checkpointed: (version) => {
      state = { ...state, checkpointVersion: version };
    },
    restored: (whole) => {
      state = whole;
    },
    readEntry: (version) =>
      published?.version === version && isStillThere(files, published)
        ? published.entry
        : readLogEntry(files, layout, version),
    firstEntry: () => firstEntry(files, layout),
  };
};

export const unsupported = (layout: TableLayout, problem: string): TLogError => ({
  _tag: 'UnsupportedTable',
  path: layout.dataDir,
  problem,
});

/**
 * The entry that this process has published last, with its file as it was then: the next write asks whether it is still the
 * newest one, and need not read again what nobody has exchanged.
 */
interface PublishedEntry {
  readonly version: number;
  readonly entry: LogEntry;
  readonly path: string;
  readonly file: FileStat;
}

const publishedEntry = (
  files: FileSystem,
  layout: TableLayout,
  version: number,
  entry: LogEntry,
): PublishedEntry | null => {
  const path = layout.logEntry(version);
  const file = files.stat(path)();
  return file._tag === 'Left' ? null : { version, entry, path, file: file.right };
};

const isStillThere = (files: FileSystem, { path, file }: PublishedEntry): boolean => {
  const found = files.stat(path)();
  return (
    found._tag === 'Right' &&
    found.right.kind === file.kind &&
    found.right.size === file.size &&
    found.right.modifiedAt === file.modifiedAt
  );
};

const readLogEntry = (files: FileSystem, layout: TableLayout, version: number): LogEntry => {
  const path = layout.logEntry(version);
  try {
    return decodeLogEntry(path, readEntryText(files, layout, version));
  } catch (error) {
    if (isMissing(error)) throw corrupt(path, 'missing log entry');
    throw error;
  }
};

/**
 * The oldest entry of the log. A checkpoint stands for those before it: entries are missing at the log's beginning only
 * where another engine removed them, which it does up to a checkpoint; any other gap is damage.
 */
export const firstEntry = (files: FileSystem, layout: TableLayout): number => {
  if (files.stat(layout.logEntry(0))()._tag === 'Right') return 0;
  const [packed] = packsOf(files, layout);
  if (packed?.first === 0) return 0;
  const listed = files.readDirectory(layout.logDir)();
  if (listed._tag === 'Left') {
    if (isMissing(listed.left)) return 0;
    throw listed.left;
  }
  const names = listed.right;
  const first = names
    .flatMap((name) => versionOf(name, '.json') ?? [])
    .reduce((least, version) => Math.min(least, version), packed?.first ?? Number.POSITIVE_INFINITY);
  const isStoodFor = names.some((name) => {
    const version = versionOf(name, '.checkpoint.parquet');
    return version !== null && version >= first - 1;
  });
  return Number.isFinite(first) && isStoodFor ? first : 0;
};

const NO_PACKS: readonly PackRange[] = [];

/** The entries after a version up to the first missing one, which must not be followed by others. */
const followingEntries = (
  files: FileSystem,
  layout: TableLayout,
  version: number,
  probe: number,
): readonly LogEntry[] => {
  // Listed only where an entry does not have a file: whoever has not looked for long may find what follows packed. What is
  // packed between the two looks is in a pack that the second one finds.
  let packs: readonly PackRange[] | null = null;
  const exists = (candidate: number) => {
    if (hasEntry(files, layout, candidate, NO_PACKS)) return true;
    packs ??= packsOf(files, layout);
    return packs.some(({ first, last }) => first <= candidate && candidate <= last);
  };
  const entries: LogEntry[] = [];
  for (;;) {
    let next = version + entries.length + 1;
    while (exists(next)) {
      entries.push(readLogEntry(files, layout, next));
      next += 1;
    }
    const beyond = Array.from({ length: probe }, (_, index) => next + 1 + index).find(exists);
    if (beyond === undefined) return entries;
    // Somebody may have published both since we looked, or packed the missing one: it is there by now, or the log has a gap.
    packs = null;
    if (!exists(next)) throw corrupt(layout.logEntry(next), `missing log entry: version ${beyond} exists`);
  }
};

/** The state of the newest checkpoint that can be read; null when the log has to be replayed from its beginning. */
const newestCheckpoint = async (files: FileSystem, layout: TableLayout): Promise<TableState | null> => {
  const pointed = pointedCheckpoint(files, layout);
  if (pointed !== null) {
    const state = await readable(() => readCheckpoint(files, layout, pointed));
    if (state !== null) return state;
  }
  for (const version of listedCheckpoints(files, layout)) {
    const state = await readable(() => readCheckpoint(files, layout, version));
    // Nothing points at it: the next maintenance makes one that is pointed at.
    if (state !== null) return { ...state, checkpointVersion: -1 };
  }
  return null;
};

/** Null where `_last_checkpoint` is missing or says nothing: it is only a shortcut. */
const pointedCheckpoint = (files: FileSystem, layout: TableLayout): number | null => {
  const path = layout.lastCheckpoint;
  const content = files.readFile(path)();
  if (content._tag === 'Left') {
    if (isMissing(content.left)) return null;
    throw content.left;
  }
  return readPointer(path, content.right)?.version ?? null;
};

/** Content of `_last_checkpoint`; null where it cannot be read. */
export const readPointer = (path: string, content: Uint8Array): t.TypeOf<typeof LastCheckpoint> | null => {
  try {
    return decodeAction(path, LastCheckpoint, JSON.parse(Buffer.from(content).toString()));
  } catch (error) {
    if (error instanceof SyntaxError || isCorrupt(error)) return null;
    throw error;
  }
};

const listedCheckpoints = (files: FileSystem, layout: TableLayout): readonly number[] => {
  const names = files.readDirectory(layout.logDir)();
  if (names._tag === 'Left') {
    if (isMissing(names.left)) throw { _tag: 'NotAPond', path: layout.dataDir } satisfies TLogError;
    throw names.left;
  }
  return names.right
    .map((name) => versionOf(name, '.checkpoint.parquet'))
    .filter((version) => version !== null)
    .sort((a, b) => b - a);
};

/** A checkpoint repeats what the log says, and log entries are never expired: one that is damaged can be done without. */
const readable = async (read: () => Promise<TableState>): Promise<TableState | null> => {
  try {
    return await read();
  } catch (error) {
    if (isMissing(error) || isUnreadable(error)) return null;
    throw error;
  }
};
