import { printExactJson } from '../../../domain/documents/exact-json.js';
import type { PondReader, WriteOptions } from '../../../tinyfs/tinyfs.js';
import type { CollectedRow } from '../collecting/csv-rows.js';
import { momentOf } from '../collecting/moments.js';
import { columnsOfVersion, newestEventOf } from '../collecting/newest-event.js';
import { microsOf } from '../collecting/parquet-columns.js';
import { type ParquetColumn, rowsAsParquet } from '../collecting/rows-as-parquet.js';
import type { HttpCollectConfig } from './http-collect-config.js';
import { typedColumns } from './typed-columns.js';

type Fs = Pick<PondReader, 'exists' | 'list' | 'versions' | 'read'>;

/** Rows that do not go into the series, by the reason. */
export interface LeftOut {
  /** Rows that are there already, or from before what may be new. */
  known: number;
  /** Rows further ahead of this machine than may be. */
  future: number;
  /** Rows whose time cannot be read. */
  invalid: number;
  /** Rows after which there is another one of the same key, which counts. */
  duplicate: number;
}

/** Content that is to be appended; null where nothing is new. */
export interface NewRows {
  readonly version: {
    readonly rows: number;
    readonly bytes: Uint8Array;
    readonly options: Omit<WriteOptions, 'entryType'>;
  } | null;
  readonly leftOut: Readonly<LeftOut>;
  /** Rows that are left out since their time has not come. */
  readonly ahead: readonly CollectedRow[];
}

const DAY_MS = 86_400_000;

/** The newest time of the series; null where it is not there, or has none. */
export const newestTime = async (
  fs: Fs,
  { into, time_column = '' }: HttpCollectConfig,
): Promise<number | null> => {
  const exists = await fs.exists(into)();
  if (exists._tag === 'Left') throw exists.left;
  return exists.right ? newestEventOf(fs, into, time_column) : null;
};

/** The rows that the series does not have yet, as one version. */
export const newRows = async (
  fs: Fs,
  config: HttpCollectConfig,
  rows: readonly CollectedRow[],
  nowMicros: number,
): Promise<NewRows> => {
  const { into, time_column = '', timezone = null, overlap = 0, ahead = DAY_MS } = config;
  const unique = config.unique ?? [time_column];
  const leftOut: LeftOut = { known: 0, future: 0, invalid: 0, duplicate: 0 };
  const later: CollectedRow[] = [];
  // Where the server remembers what it has sent, its rows are new whatever their time.
  const newest = config.cursor === undefined ? await newestTime(fs, config) : null;
  const earliest = newest === null ? Number.NEGATIVE_INFINITY : newest - overlap * 1000;
  const timed = rows.flatMap((row) => {
    const time = momentOf(row[time_column], timezone);
    if (time === null) leftOut.invalid += 1;
    else if (time > nowMicros + ahead * 1000) {
      leftOut.future += 1;
      later.push(row);
    } else if (time < earliest) leftOut.known += 1;
    else return [{ time, row }];
    return [];
  });
  if (rows.length > 0 && leftOut.invalid === rows.length)
    throw new Error(
      `no row has a time in the column ${time_column}; the first one is ${printExactJson(rows[0]).slice(0, 200)}`,
    );
  const sorted = timed.toSorted((a, b) => a.time - b.time);
  const columns = withTimes(
    time_column,
    sorted.map(({ time }) => time),
    typedColumns(
      sorted.map(({ row }) => row),
      config,
    ),
  );
  const known =
    newest === null ? new Set<string>() : await knownKeys(fs, into, { unique, time_column, earliest });
  const kept = rowsToKeep(columns, unique, known, leftOut);
  const [first, last] = [sorted[kept[0] ?? 0]?.time, sorted[kept.at(-1) ?? 0]?.time];
  if (kept.length === 0 || first === undefined || last === undefined)
    return { version: null, leftOut, ahead: later };
  const bytes = await rowsAsParquet(
    columns
      .map((column) => ({ ...column, values: kept.map((row) => column.values[row] ?? null) }))
      .filter(({ values }) => values.some((value) => value !== null)),
  );
  const attributes = JSON.stringify({ event_time_column: time_column, unique });
  return {
    version: { rows: kept.length, bytes, options: { attributes, minEventTime: first, maxEventTime: last } },
    leftOut,
    ahead: later,
  };
};

const withTimes = (
  name: string,
  times: readonly number[],
  columns: readonly ParquetColumn[],
): readonly ParquetColumn[] => [
  { name, type: 'timestamp', isRequired: true, values: times.map((time) => BigInt(time)) },
  ...columns,
];

/** The last row of each key that the series does not have. */
const rowsToKeep = (
  columns: readonly ParquetColumn[],
  unique: readonly string[],
  known: ReadonlySet<string>,
  leftOut: LeftOut,
): readonly number[] => {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const last = new Map<string, number>();
  const count = columns[0]?.values.length ?? 0;
  for (let row = 0; row < count; row += 1) {
    const key = keyOf(unique.map((name) => byName.get(name)?.values[row]));
    if (known.has(key)) leftOut.known += 1;
    else {
      if (last.has(key)) leftOut.duplicate += 1;
      last.set(key, row);
    }
  }
  return [...last.values()].sort((a, b) => a - b);
};

const keyOf = (values: readonly unknown[]): string =>
  JSON.stringify(values.map((value) => String(value ?? '')));

/** Keys of the rows that the series has from a time on. */
const knownKeys = async (
  fs: Fs,
  into: string,
  {
    unique,
    time_column,
    earliest,
  }: { readonly unique: readonly string[]; readonly time_column: string; readonly earliest: number },
): Promise<ReadonlySet<string>> => {
  const versions = await fs.versions(into)();
  if (versions._tag === 'Left') throw versions.left;
  const keys = new Set<string>();
  for (const { version, size, maxEventTime } of versions.right) {
    if (size === 0 || (maxEventTime !== null && maxEventTime < earliest)) continue;
    const { rows, columns } = await columnsOfVersion(fs, into, version, [time_column, ...unique]);
    for (let row = 0; row < rows; row += 1)
      keys.add(
        keyOf(
          unique.map((name) => {
            const column = columns.get(name);
            const value = column?.values[row];
            return name === time_column && column !== undefined ? microsOf(column.element, value) : value;
          }),
        ),
      );
  }
  return keys;
};
