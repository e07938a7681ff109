import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RowGroup } from 'hyparquet';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { SeriesFormat } from '../tinyfs/series-format.js';
import { columnsOf } from './parquet-columns.js';
import { openParquet, type ParquetFile } from './parquet-file.js';

/** Looks at a Parquet file: its columns, and on demand the range of one of them. */
export const inspectTable: SeriesFormat['inspect'] = (content, path) =>
  pipe(
    openParquet(content, path),
    TE.map((file) => ({
      columns: columnsOf(file.metadata),
      isEmpty: Number(file.metadata.num_rows) === 0,
      extremes: extremesIn(file),
    })),
  );

interface Extremes {
  readonly min: bigint;
  readonly max: bigint;
}

/** The range of a column: from the statistics of each row group, or by reading the column where there are none. */
const extremesIn =
  (file: ParquetFile) =>
  (column: string): TE.TaskEither<TinyFsError, Extremes | null> =>
    pipe(
      rowGroupsOf(file),
      TE.traverseSeqArray(({ group, rowStart, rowEnd }) => {
        const known = valuesInStatistics(group, column);
        return known === null
          ? pipe(file.readColumn(column, rowStart, rowEnd), TE.map(extremesOf))
          : TE.right(known);
      }),
      TE.map((values) => {
        const [min, max] = extremesOf(values.flat());
        return min === undefined || max === undefined ? null : { min, max };
      }),
    );

const rowGroupsOf = ({ metadata }: ParquetFile) => {
  let rowEnd = 0;
  return metadata.row_groups.map((group) => {
    const rowStart = rowEnd;
    rowEnd += Number(group.num_rows);
    return { group, rowStart, rowEnd };
  });
};

/** The smallest and the largest value of a group; empty where all are null; null where the statistics do not say. */
const valuesInStatistics = (group: RowGroup, column: string): readonly bigint[] | null => {
  const metadata = group.columns.find(
    ({ meta_data }) => meta_data?.path_in_schema.join('.') === column,
  )?.meta_data;
  const statistics = metadata?.statistics;
  if (statistics === undefined) return null;
  const min = statistics.min_value ?? statistics.min;
  const max = statistics.max_value ?? statistics.max;
  if (typeof min === 'bigint' && typeof max === 'bigint') return [min, max];
  return statistics.null_count === group.num_rows ? [] : null;
};

/** Smallest and largest of the values that are whole; none where there is none. */
const extremesOf = (values: readonly unknown[]): readonly bigint[] => {
  let min: bigint | null = null;
  let max: bigint | null = null;
  for (const value of values) {
    if (typeof value !== 'bigint') continue;
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
  }
  return min === null || max === null ? [] : [min, max];
};
