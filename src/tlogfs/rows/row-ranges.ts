import { boundedCache } from '../../domain/bounded-cache.js';
import type { RowSelection } from '../log/file-statistics.js';
import type { DataFile } from '../log/log-entry.js';
import type { ColumnFile, Range } from '../parquet/column-reading.js';
import { extent, extents, type Group } from './file-groups.js';

/** Places of rows in a row group, found out from the few columns that say them. */
export interface RowRanges {
  /** Rows among which all are that fit the selection: all of the group, or what lies between the first and the last that does. */
  readonly of: (file: DataFile, parquet: ColumnFile, group: Group, selection: RowSelection) => Promise<Range>;
  /** Ids of nodes, or names, of rows. */
  readonly ids: (
    file: DataFile,
    parquet: ColumnFile,
    range: Range,
    column: 'node_id' | 'name',
  ) => Promise<readonly unknown[]>;
}

/** Groups of fewer rows are decoded whole. */
export const WORTH_NARROWING = 256;

/** Ids, and directories of groups, that are kept. */
const KEPT = 65_536;

export const rowRanges = (): RowRanges => {
  const ids = boundedCache<readonly unknown[]>(KEPT);
  const directories = boundedCache<ReadonlyMap<unknown, Range>>(KEPT);

  /** Rows are sorted by directory and node, so that what is looked for lies together; another engine's need not be. */
  const of: RowRanges['of'] = async (file, parquet, group, { partId, nodeId }) => {
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

  const idsIn: RowRanges['ids'] = async (file, parquet, range, column) => {
    const key = `${rangeKey(file, range)} ${column}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    const { [column]: read = [] } = await parquet.read(range, [column]);
    ids.put(key, read, read.length);
    return read;
  };

  return { of, ids: idsIn };
};

/** Key of rows of a file that lie one after another. */
export const rangeKey = (file: DataFile, { start, end }: Range): string => `${file.path}#${start}-${end}`;

/** Key of a row group, or of a row, by the number of its first row in the file. */
export const groupKey = (file: DataFile, start: number): string => `${file.path}#${start}`;
