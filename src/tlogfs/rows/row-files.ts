import { boundedCache } from '../../domain/bounded-cache.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { FileSystem } from '../../ports/file-system.js';
import { mayContain, type RowSelection } from '../log/file-statistics.js';
import type { DataFile } from '../log/log-entry.js';
import { type ColumnFile, type ColumnFooter, openColumns, type Range } from '../parquet/column-reading.js';
import type { TableLayout } from '../table-layout.js';
import { extent, extents, type Group, groupsOf, mayBeNamed } from './file-groups.js';
import { nameFilters } from './name-filters.js';
import { type OpLogRow, ROW_COLUMNS } from './op-log-columns.js';
import { decodeContents, decodeRows } from './row-decoding.js';
import { groupSizes } from './row-groups.js';
import { type Place, StoredRow } from './stored-row.js';

/**
 * The rows in the table's Parquet files. Files never change, so what was decoded once is kept, up to a bound, for
 * all snapshots. A missing file is thrown as a `FileSystemError` with `ENOENT`: it may have been merged away.
 */
export interface RowFiles {
  /** Rows of a file that fit the selection, in the order of the file. */
  readonly select: (file: DataFile, selection: RowSelection) => Promise<readonly NodeRow[]>;
  /** The same at once, where all rows of the file are kept; null where they are not. */
  readonly selectKept: (file: DataFile, selection: RowSelection) => readonly NodeRow[] | null;
  /** The ids of the nodes of a directory of which some row in the file has that name. */
  readonly nodesNamed: (file: DataFile, partId: string, name: string) => Promise<readonly string[]>;
  /** The bytes of a row that came from `select`; undefined where the row did not. */
  readonly contentOf: (row: NodeRow) => Promise<Uint8Array | null> | undefined;
  /** A whole file, contents included: as it was written, where this process has just done that. */
  readonly readAll: (file: DataFile) => Promise<readonly OpLogRow[]>;
  /** Begins to fetch files that are about to be read, where they may not be here. */
  readonly prepare?: (files: readonly DataFile[]) => Promise<void>;
  /** Takes note of a file that was just written, so that its rows need not be read back. */
  readonly remember: (file: DataFile, rows: readonly OpLogRow[]) => void;
}

/** Decoded rows of whole row groups that are kept; about 30 MB. */
const KEPT_ROWS = 65_536;
/** Rows of a file that was just written, up to which they are kept: more of them would drive out all others. */
const KEPT_OF_FILE = 8_192;
/** Decoded rows of parts of row groups: whoever goes through all directories comes by each part once. */
const KEPT_PARTS = 8_192;
/** Footers that are kept, counted in row groups. */
const KEPT_GROUPS = 2_000;
/** Bytes of whole files that are kept: whoever follows a path looks into the same one again and again. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** A larger file is read in parts, and nothing of it is kept but its footer. */
const SMALL_FILE = 2 * 1024 * 1024;
/** Bytes of contents that are kept: configurations are read at each commit and again by each task. */
const KEPT_CONTENT = 8 * 1024 * 1024;
/** Contents that are read with one that comes behind the one before: those of a series are asked for in their order. */
const READ_AHEAD = 32;
/** A larger content is not kept. */
const SMALL_CONTENT = 64 * 1024;
/** Bytes of files that were just written and are kept with their contents: they are about to be merged. */
const KEPT_WRITTEN = 2 * 1024 * 1024;
/** A larger file is read back. */
const SMALL_WRITTEN = 128 * 1024;
/** A larger one of those that are read in their order is not kept either: whoever goes through them does so once. */
const SMALL_IN_A_ROW = 4 * 1024;

interface OpenedFile extends ColumnFile {
  readonly groups: readonly Group[];
}

/** Groups of fewer rows are decoded whole. */
const WORTH_NARROWING = 256;

export const rowFiles = (files: FileSystem, layout: TableLayout): RowFiles => {
  const footers = boundedCache<{ readonly footer: ColumnFooter; readonly groups: readonly Group[] }>(
    KEPT_GROUPS,
  );
  const opened = boundedCache<OpenedFile>(KEPT_BYTES);
  const decoded = boundedCache<readonly NodeRow[]>(KEPT_ROWS);
  const parts = boundedCache<readonly NodeRow[]>(KEPT_PARTS);
  const ids = boundedCache<readonly unknown[]>(KEPT_ROWS);
  const directories = boundedCache<ReadonlyMap<unknown, Range>>(KEPT_ROWS);
  const mayHave = nameFilters(files, layout);
  /** Places of rows that were written and not read. */
  const places = new WeakMap<NodeRow, Place>();
  /** Files that were just written, as they were. */
  const written = boundedCache<readonly OpLogRow[]>(KEPT_WRITTEN);
  /** Contents by their digest: wherever merging puts a row, its content stays the same. */
  const contents = boundedCache<Uint8Array>(KEPT_CONTENT);

  /** Contents that were read ahead, until they are asked for, by their places. */
  const ahead = boundedCache<Uint8Array>(KEPT_CONTENT);
  let last: Place | null = null;

  const open = async (file: DataFile): Promise<OpenedFile> => {
    const kept = opened.get(file.path);
    if (kept !== undefined && kept.bytes.byteLength === file.size) return kept;
    const fresh = await openFresh(file);
    if (file.size <= SMALL_FILE) opened.put(file.path, fresh, file.size);
    return fresh;
  };

  const openFresh = async (file: DataFile): Promise<OpenedFile> => {
    const known = footers.get(file.path);
    const opened = await openColumns(files, layout.dataFile(file.path), file.size, known?.footer);
    if (known !== undefined) return { ...opened, groups: known.groups };
    const { footer } = opened;
    const groups = groupsOf(footer);
    footers.put(file.path, { footer, groups }, groups.length);
    return { ...opened, groups };
  };

  const select: RowFiles['select'] = async (file, selection) => {
    let parquet: ColumnFile | null = null;
    let groups = footers.get(file.path)?.groups;
    if (groups === undefined) {
      if (selection.partId !== undefined && !mayHave(file, selection.partId)) return [];
      const fresh = await open(file);
      parquet = fresh;
      groups = fresh.groups;
    }
    const found: NodeRow[] = [];
    for (const group of groups) {
      if (!mayContain(group.bounds, selection)) continue;
      let rows = decoded.get(groupKey(file, group.start));
      if (rows === undefined) {
        parquet ??= await open(file);
        rows = await decodeWhatFits(file, parquet, group, selection);
      }
      for (const row of rows) if (fits(selection)(row)) found.push(row);
    }
    return found;
  };

  /** Decodes of a row group what may fit the selection: all of it, or what lies between the first and the last row that does. */
  const decodeWhatFits = async (
    file: DataFile,
    parquet: ColumnFile,
    group: Group,
    selection: RowSelection,
  ): Promise<readonly NodeRow[]> => {
    const range = await rangeOf(file, parquet, group, selection);
    if (range.end <= range.start) return [];
    const isWhole = range.end - range.start === group.end - group.start;
    const known = isWhole ? undefined : parts.get(rangeKey(file, range));
    if (known !== undefined) return known;
    const rows = await rowsIn(file, parquet, range);
    if (isWhole) decoded.put(groupKey(file, range.start), rows, rows.length);
    else parts.put(rangeKey(file, range), rows, rows.length);
    return rows;
  };

  const rowsIn = async (file: DataFile, parquet: ColumnFile, range: Range): Promise<readonly NodeRow[]> =>
    decodeRows({
      path: parquet.path,
      columns: await parquet.read(range, ROW_COLUMNS),
      count: range.end - range.start,
      origin: { file, start: range.start },
    });

  /** Rows are sorted by directory and node, so that what is looked for lies together; another engine's need not be. */
  const rangeOf = async (
    file: DataFile,
    parquet: ColumnFile,
    group: Group,
    { partId, nodeId }: RowSelection,
  ): Promise<Range> => {
    if (group.end - group.start < WORTH_NARROWING) return group;
    const ofDirectory =
      partId === undefined || group.bounds.min.part_id === group.bounds.max.part_id
        ? group
        : ((await directoriesIn(file, parquet, group)).get(partId) ?? {
            start: group.start,
            end: group.start,
          });
    return nodeId === undefined || ofDirectory.end <= ofDirectory.start
      ? ofDirectory
      : extent(ofDirectory, await idsIn(file, parquet, ofDirectory, 'node_id'), nodeId);
  };

  const directoriesIn = async (
    file: DataFile,
    parquet: ColumnFile,
    group: Group,
  ): Promise<ReadonlyMap<unknown, Range>> => {
    const key = groupKey(file, group.start);
    const known = directories.get(key);
    if (known !== undefined) return known;
    const { part_id: read = [] } = await parquet.read(group, ['part_id']);
    const found = extents(group, read);
    directories.put(key, found, found.size);
    return found;
  };

  const idsIn = async (
    file: DataFile,
    parquet: ColumnFile,
    range: Range,
    column: 'node_id' | 'name',
  ): Promise<readonly unknown[]> => {
    const key = `${rangeKey(file, range)} ${column}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    const { [column]: read = [] } = await parquet.read(range, [column]);
    ids.put(key, read, read.length);
    return read;
  };

  const nodesNamed: RowFiles['nodesNamed'] = async (file, partId, name) => {
    if (!mayHave(file, partId, name)) return [];
    const parquet = await open(file);
    const found = new Set<string>();
    for (const group of parquet.groups) {
      if (!mayContain(group.bounds, { partId }) || !mayBeNamed(group, name)) continue;
      const kept =
        decoded.get(groupKey(file, group.start)) ??
        (group.end - group.start < WORTH_NARROWING
          ? await decodeWhatFits(file, parquet, group, {})
          : undefined);
      if (kept !== undefined) {
        for (const row of kept) if (row.partId === partId && row.name === name) found.add(row.nodeId);
        continue;
      }
      const range = await rangeOf(file, parquet, group, { partId });
      if (range.end <= range.start) continue;
      const names = await idsIn(file, parquet, range, 'name');
      if (!names.includes(name)) continue;
      const nodes = await idsIn(file, parquet, range, 'node_id');
      names.forEach((one, index) => {
        const nodeId = nodes[index];
        if (one === name && typeof nodeId === 'string') found.add(nodeId);
      });
    }
    return [...found];
  };

  const selectKept: RowFiles['selectKept'] = (file, selection) => {
    // A file of one group, most of them, needs no footer once its rows are kept.
    const whole = file.bounds.rows > 0 ? decoded.get(groupKey(file, 0)) : undefined;
    return whole === undefined || whole.length !== file.bounds.rows ? null : whole.filter(fits(selection));
  };

  const isNext = ({ file, index }: Place): boolean =>
    last !== null && last.file.path === file.path && last.index + 1 === index;

  const contentAt = async (place: Place): Promise<Uint8Array | null> => {
    const { file, index } = place;
    const follows = isNext(place);
    last = place;
    const known = ahead.take(groupKey(file, index));
    if (known !== undefined) return known;
    const parquet = await open(file);
    const ends = parquet.groups.find(({ end }) => index < end)?.end ?? index + 1;
    const read = async (end: number): Promise<readonly (Uint8Array | null)[]> =>
      decodeContents(parquet.path, await parquet.read({ start: index, end }, ['content']), end - index);
    if (!follows) return (await read(index + 1))[0] ?? null;
    let found: readonly (Uint8Array | null)[];
    try {
      found = await read(Math.min(index + READ_AHEAD, ends));
    } catch {
      // Another content that is damaged does not keep this one from being read.
      found = await read(index + 1);
    }
    const [content = null, ...next] = found;
    next.forEach((bytes, offset) => {
      if (bytes !== null) ahead.put(groupKey(file, index + 1 + offset), bytes, bytes.length);
    });
    return content;
  };

  const keptContent = async (digest: string, place: Place): Promise<Uint8Array | null> => {
    const known = contents.get(digest);
    // Copies, because whoever is handed the bytes may change them.
    if (known !== undefined) return known.slice();
    const small = isNext(place) ? SMALL_IN_A_ROW : SMALL_CONTENT;
    const bytes = await contentAt(place);
    if (bytes !== null && bytes.length <= small && sha256(bytes) === digest) {
      contents.put(digest, bytes.slice(), bytes.length);
    }
    return bytes;
  };

  return {
    select,
    selectKept,
    nodesNamed,
    contentOf: (row) => {
      const place = StoredRow.placeOf(row) ?? places.get(row);
      if (place === undefined) return undefined;
      return row.sha256 === null ? contentAt(place) : keptContent(row.sha256, place);
    },
    readAll: async (file) => {
      const kept = written.take(file.path);
      if (kept !== undefined) return kept;
      const parquet = await open(file);
      const count = parquet.footer.rows;
      const columns = await parquet.read({ start: 0, end: count }, [...ROW_COLUMNS, 'content']);
      const contents = decodeContents(parquet.path, columns, count);
      return decodeRows({ path: parquet.path, columns, count, origin: null }).map((row, index) => ({
        row,
        content: contents[index] ?? null,
      }));
    },
    remember: (file, stored) => {
      const isKept = stored.length <= KEPT_OF_FILE;
      if (file.size <= SMALL_WRITTEN) written.put(file.path, stored, file.size);
      let start = 0;
      for (const size of groupSizes(stored)) {
        const rows = stored.slice(start, start + size).map(({ row }) => row);
        for (const [index, row] of rows.entries()) places.set(row, { file, index: start + index });
        if (isKept) decoded.put(groupKey(file, start), rows, rows.length);
        start += size;
      }
    },
  };
};

const rangeKey = (file: DataFile, { start, end }: Range): string => `${file.path}#${start}-${end}`;

const groupKey = (file: DataFile, start: number): string => `${file.path}#${start}`;

const fits =
  ({ partId, nodeId, txnSeq, after }: RowSelection) =>
  (row: NodeRow): boolean =>
    (partId === undefined || row.partId === partId) &&
    (nodeId === undefined || row.nodeId === nodeId) &&
    (txnSeq === undefined || row.txnSeq === txnSeq) &&
    (after === undefined || row.txnSeq > after);
