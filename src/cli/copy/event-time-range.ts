import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RowGroup } from 'hyparquet';
import { lowerBound, upperBound } from '../../domain/event-time.js';
import type { PondError } from '../../steward/errors.js';
import type { EventTimeColumn } from './event-time-column.js';
import type { ParquetFile } from './parquet-file.js';

/** First and last event time, microseconds since the epoch; null where there is no row with a time. */
export interface EventTimeRange {
  readonly min: number | null;
  readonly max: number | null;
}

/** The range of a column: from the statistics of each row group, or by reading the column where there are none. */
export const eventTimeRange = (
  file: ParquetFile,
  column: EventTimeColumn,
): TE.TaskEither<PondError, EventTimeRange> =>
  pipe(
    rowGroupsOf(file),
    TE.traverseSeqArray(({ group, rowStart, rowEnd }) => {
      const known = timesInStatistics(group, column.name);
      return known === null
        ? pipe(file.readColumn(column.name, rowStart, rowEnd), TE.map(extremesOf))
        : TE.right(known);
    }),
    TE.map((times) => extremesOf(times.flat())),
    TE.map((extremes) => inMicros(extremes, column)),
  );

const rowGroupsOf = ({ metadata }: ParquetFile) => {
  let rowEnd = 0;
  return metadata.row_groups.map((group) => {
    const rowStart = rowEnd;
    rowEnd += Number(group.num_rows);
    return { group, rowStart, rowEnd };
  });
};

/** The smallest and the largest time of a group; empty where all are null; null where the statistics do not say. */
const timesInStatistics = (group: RowGroup, column: string): readonly bigint[] | null => {
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

/** Smallest and largest of the values that are times; none where there is none. */
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

/**
 * Plain integers are taken as seconds, milliseconds, microseconds or nanoseconds since the epoch by the size of the
 * largest: for times between 1973 and 5138 these do not overlap.
 */
const inMicros = ([min, max]: readonly bigint[], { isPlainInteger }: EventTimeColumn): EventTimeRange => {
  if (min === undefined || max === undefined) return { min: null, max: null };
  const largest = -min > max ? -min : max;
  const { times, by } = isPlainInteger ? unitOf(largest) : MICROSECONDS;
  return { min: lowerBound(floorOf(min * times, by)), max: upperBound(-floorOf(-max * times, by)) };
};

/** Division that rounds down; of bigints it rounds towards zero by itself. */
const floorOf = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by;

const MICROSECONDS = { times: 1n, by: 1n };

const unitOf = (largest: bigint) => {
  if (largest < 100_000_000_000n) return { times: 1_000_000n, by: 1n };
  if (largest < 100_000_000_000_000n) return { times: 1000n, by: 1n };
  return largest < 100_000_000_000_000_000n ? MICROSECONDS : { times: 1n, by: 1000n };
};
