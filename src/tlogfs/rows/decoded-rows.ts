import { boundedCache } from '../../domain/bounded-cache.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { RowSelection } from '../log/file-statistics.js';
import type { DataFile } from '../log/log-entry.js';
import type { ColumnFile, Range } from '../parquet/column-reading.js';
import type { Group } from './file-groups.js';
import { ROW_COLUMNS } from './op-log-columns.js';
import { decodeRows } from './row-decoding.js';
import { groupKey, type RowRanges, rangeKey } from './row-ranges.js';

/** Decoded rows of whole row groups that are kept; about 30 MB. */
const KEPT_ROWS = 65_536;
/** Decoded rows of parts of row groups: whoever goes through all directories comes by each part once. */
const KEPT_PARTS = 8_192;

/** Rows of row groups, decoded as far as they are wanted, and kept. */
export interface DecodedRows {
  /** All rows of the row group that begins there; undefined: they are not kept. */
  readonly kept: (file: DataFile, start: number) => readonly NodeRow[] | undefined;
  /** Rows of a row group among which are all that fit the selection: all of it, or what lies between the first and the last that does. */
  readonly around: (
    file: DataFile,
    parquet: ColumnFile,
    group: Group,
    selection: RowSelection,
  ) => Promise<readonly NodeRow[]>;
  /** Keeps the rows of the row group that begins there. */
  readonly keep: (file: DataFile, start: number, rows: readonly NodeRow[]) => void;
}

export const decodedRows = (ranges: RowRanges): DecodedRows => {
  const groups = boundedCache<readonly NodeRow[]>(KEPT_ROWS);
  const parts = boundedCache<readonly NodeRow[]>(KEPT_PARTS);
  return {
    kept: (file, start) => groups.get(groupKey(file, start)),
    around: async (file, parquet, group, selection) => {
      const range = await ranges.of(file, parquet, group, selection);
      if (range.end <= range.start) return [];
      const isWhole = range.end - range.start === group.end - group.start;
      const known = isWhole ? undefined : parts.get(rangeKey(file, range));
      if (known !== undefined) return known;
      const rows = await rowsIn(file, parquet, range);
      if (isWhole) groups.put(groupKey(file, range.start), rows, rows.length);
      else parts.put(rangeKey(file, range), rows, rows.length);
      return rows;
    },
    keep: (file, start, rows) => groups.put(groupKey(file, start), rows, rows.length),
  };
};

const rowsIn = async (file: DataFile, parquet: ColumnFile, range: Range): Promise<readonly NodeRow[]> =>
  decodeRows({
    path: parquet.path,
    columns: await parquet.read(range, ROW_COLUMNS),
    count: range.end - range.start,
    origin: { file, start: range.start },
  });
