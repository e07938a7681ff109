import type { TimeUnit } from '../../../domain/series/series-contract.js';
import { identifier, quoted } from '../../../validation/query/sql.js';

/** Aggregates that can be computed of the values in a bucket. */
export const AGGREGATES = ['avg', 'min', 'max', 'sum', 'count', 'first', 'last', 'median', 'stddev'] as const;

export type Aggregate = (typeof AGGREGATES)[number];

export const isAggregate = (input: unknown): input is Aggregate =>
  AGGREGATES.some((aggregate) => aggregate === input);

/** Reduction that is computed of a series. */
export interface Reduction {
  readonly timeColumn: string;
  readonly groupBy: readonly string[];
  readonly aggregates: readonly { readonly column: string; readonly aggregate: Aggregate }[];
  /** Width of a bucket. */
  readonly seconds: number;
  /** Zone whose days begin a bucket, which is a number of whole days then; null: days are those of UTC. */
  readonly timezone: string | null;
  /** Unit of times that are plain integers. */
  readonly timeUnit: TimeUnit | null;
}

/** Columns that are read, the times first. */
export const columnsOf = ({ timeColumn, groupBy, aggregates }: Reduction): readonly string[] => [
  timeColumn,
  ...groupBy,
  ...new Set(aggregates.map(({ column }) => column)),
];

/** The types of these columns, in the engine's words, in the same order; null: there is no such column. */
export type ColumnTypes = readonly (string | null)[];

/** Buckets by their numbers from 1970 on, first and last one included; ascending, apart from each other. */
export type Runs = readonly (readonly [number, number])[];

const ZONED = 'TIMESTAMP WITH TIME ZONE';

/** Number of the bucket of a time in microseconds: rounded down, also before 1970. */
const bucketOf = (time: string, { seconds, timezone }: Reduction): string => {
  const width = seconds * 1_000_000;
  const micros =
    timezone === null ? time : `epoch_us(timezone(${quoted(timezone)}, make_timestamptz(${time})))`;
  return `CASE WHEN ${micros} >= 0 THEN ${micros} // ${width} ELSE -((${width - 1} - ${micros}) // ${width}) END`;
};

const MICROS: Readonly<Record<TimeUnit, (time: string) => string>> = {
  s: (time) => `${time} * 1000000`,
  ms: (time) => `${time} * 1000`,
  us: (time) => time,
  // Rounded down, also before 1970.
  ns: (time) => `CASE WHEN ${time} >= 0 THEN ${time} // 1000 ELSE -((999 - ${time}) // 1000) END`,
};

/** Microseconds since the epoch; those of integers by their unit. */
const microsOf = (time: string, type: string | null, unit: TimeUnit | null): string =>
  type === 'BIGINT' && unit !== null
    ? MICROS[unit](time)
    : `epoch_us(CAST(${time} AS ${type === ZONED ? ZONED : 'TIMESTAMP'}))`;

/** Tells whether buckets are instants: integers count from the epoch. */
export const isInstant = (type: string | null | undefined): boolean => type === ZONED || type === 'BIGINT';

/**
 * The rows of a table with the number of their bucket `b`, their time `u` and columns `c1`, `c2` and so on. Values are
 * taken as `types`: what they are in all rows, whichever the table has. `numbered`: its column that becomes `p`.
 */
export const bucketedRows = (
  reduction: Reduction,
  table: string,
  types: ColumnTypes,
  has: (column: number) => boolean,
  numbered: string | null,
): string => {
  const [time = '', ...others] = columnsOf(reduction);
  if (!has(0)) return bucketedNothing(types);
  const columns = others.map((name, index) => {
    const type = types[index + 1] ?? 'VARCHAR';
    return `${has(index + 1) ? `CAST(${identifier(name)} AS ${type})` : `CAST(NULL AS ${type})`} AS c${index + 1}`;
  });
  const isTime =
    types[0] === 'BIGINT'
      ? `${identifier(time)} IS NOT NULL`
      : `isfinite(CAST(${identifier(time)} AS ${types[0] === ZONED ? ZONED : 'TIMESTAMP'}))`;
  const place = numbered === null ? '0' : identifier(numbered);
  const rows = `SELECT ${[`${microsOf(identifier(time), types[0] ?? null, reduction.timeUnit)} AS u`, `${place} AS p`, ...columns].join(', ')} FROM ${identifier(table)} WHERE ${isTime}`;
  return `SELECT ${bucketOf('u', reduction)} AS b, * FROM (${rows})`;
};

const bucketedNothing = (types: ColumnTypes): string => {
  const columns = types.slice(1).map((type, index) => `CAST(NULL AS ${type ?? 'VARCHAR'}) AS c${index + 1}`);
  return `SELECT ${['CAST(0 AS BIGINT) AS b', 'CAST(0 AS BIGINT) AS u', '0 AS p', ...columns].join(', ')} WHERE false`;
};

/** The runs of buckets of each content, `p`, of bucketed rows. */
export const runsQuery = (rows: string): string =>
  `SELECT p, min(b), max(b) FROM (SELECT p, b, b - row_number() OVER (PARTITION BY p ORDER BY b) AS island FROM (SELECT DISTINCT p, b FROM (${rows}))) GROUP BY p, island ORDER BY p, min(b)`;

/** The aggregated buckets of bucketed rows, under the names of the result. */
export const aggregated = (reduction: Reduction, types: ColumnTypes, rows: string): string => {
  const { timeColumn, groupBy, aggregates, seconds, timezone } = reduction;
  const columns = columnsOf(reduction);
  const begin = `make_timestamp(b * ${seconds * 1_000_000})`;
  const time =
    timezone !== null
      ? `timezone(${quoted(timezone)}, ${begin})`
      : isInstant(types[0])
        ? `to_timestamp(b * ${seconds})`
        : begin;
  const groups = groupBy.map((name, index) => `c${index + 1} AS ${identifier(name)}`);
  const values = aggregates.map(({ column, aggregate }) => {
    const value = `c${columns.lastIndexOf(column)}`;
    return `${aggregateOf(aggregate, value)} AS ${identifier(`${column}_${aggregate}`)}`;
  });
  const by = ['b', ...groupBy.map((_, index) => `c${index + 1}`)].join(', ');
  return `SELECT ${[`${time} AS ${identifier(timeColumn)}`, ...groups, ...values].join(', ')} FROM (${rows}) GROUP BY ${by}`;
};

/**
 * Values are added in their own order, so that a sum is the same to the last bit whichever order the rows come in, and
 * however many others are computed beside it.
 */
const aggregateOf = (aggregate: Aggregate, value: string): string => {
  switch (aggregate) {
    case 'avg':
    case 'sum':
      return `${aggregate}(${value} ORDER BY ${value})`;
    case 'stddev':
      return `stddev_samp(${value} ORDER BY ${value})`;
    case 'first':
    case 'last':
      return `${aggregate}(${value} ORDER BY u, ${value}) FILTER (WHERE ${value} IS NOT NULL)`;
    case 'min':
    case 'max':
    case 'count':
    case 'median':
      return `${aggregate}(${value})`;
  }
};

/** The order of a result's rows. */
export const inOrder = ({ timeColumn, groupBy }: Reduction): string =>
  `ORDER BY ${[timeColumn, ...groupBy].map((name) => `${identifier(name)} NULLS FIRST`).join(', ')}`;

/** Tells whether a bucket, by an expression for its number, is in one of the runs. */
export const isIn = (bucket: string, runs: Runs): string =>
  runs.length === 0
    ? 'false'
    : `(${runs.map(([from, to]) => `${bucket} BETWEEN ${from} AND ${to}`).join(' OR ')})`;

/** The number of the bucket of a result's row. */
export const bucketOfResult = (reduction: Reduction, types: ColumnTypes): string =>
  `(${bucketOf(microsOf(identifier(reduction.timeColumn), isInstant(types[0]) ? ZONED : null, null), reduction)})`;
