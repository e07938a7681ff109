import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { PondPath } from '../domain/paths/pond-path.js';
import type { SeriesColumn } from '../domain/series/series-contract.js';
import type { FileSystem } from '../ports/file-system.js';
import { persistenceErrorOf } from '../tinyfs/persistence.js';
import type { PondReader } from '../tinyfs/tinyfs.js';
import { columnsOf } from './parquet-columns.js';
import { openParquet } from './parquet-file.js';

/** Types that a column without any value can be given. */
const PLAIN = /^[A-Z][A-Z_]*( WITH TIME ZONE)?(\(\d+,\d+\))?$/;

/** Columns that series have, and files that are to become versions of them: what rows without values are made to fit. */
export interface ColumnsSoFar {
  /** Types by the names of a series' columns, without nested ones; null: there is no such series yet. */
  readonly of: (path: PondPath) => Task<Readonly<Record<string, string>> | null>;
  /** Takes down the columns of a file; those that the series has already stay as they are. */
  readonly add: (path: PondPath, columns: readonly SeriesColumn[]) => void;
}

export const columnsSoFar = (fs: Pick<PondReader, 'series'>): ColumnsSoFar => {
  const known = new Map<string, Map<string, string>>();
  const add: ColumnsSoFar['add'] = (path, columns) => {
    const before = known.get(path) ?? new Map<string, string>();
    known.set(path, before);
    for (const { name, type } of columns) if (!before.has(name) && PLAIN.test(type)) before.set(name, type);
  };
  return {
    add,
    of: (path) => async () => {
      if (!known.has(path)) {
        const contract = await fs.series(path)();
        add(path, isLeft(contract) ? [] : (contract.right.columns ?? []));
      }
      const columns = known.get(path);
      return columns === undefined || columns.size === 0 ? null : Object.fromEntries(columns);
    },
  };
};

/** Columns of a Parquet file of the host's; none where it cannot be read, which whoever writes it to the pond is told. */
export const columnsOfFile =
  (files: FileSystem, path: string): Task<readonly SeriesColumn[]> =>
  async () => {
    const stat = files.stat(path)();
    if (isLeft(stat)) return [];
    const read = (offset: number, length: number) => {
      const found = files.readRange(path, offset, length)();
      return isLeft(found) ? left(persistenceErrorOf(found.left)) : found;
    };
    const opened = await openParquet({ size: stat.right.size, read }, path)();
    return isLeft(opened) ? [] : columnsOf(opened.right.metadata);
  };
