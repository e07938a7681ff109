import { printExactJson } from '../../../domain/documents/exact-json.js';
import { unreadableColumns } from '../../../domain/series/series-fit.js';
import type { PondReader, WriteOptions } from '../../../tinyfs/tinyfs.js';
import type { CollectedRow } from '../collecting/csv-rows.js';
import { momentOf } from '../collecting/moments.js';
import { columnsOfVersion, newestEventOf } from '../collecting/newest-event.js';
import { microsOf } from '../collecting/parquet-columns.js';
import { rowsAsParquet } from '../collecting/rows-as-parquet.js';
import type { GatheredRows } from './gathered-rows.js';
import type { HttpCollectConfig } from './http-collect-config.js';
import { type TypedColumn, typedColumns } from './typed-columns.js';

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
  rows: GatheredRows,
  nowMicros: number,
): Promise<NewRows> => {
  const { into, time_column = '', timezone = null, overlap = 0, ahead = DAY_MS } = config;
  const unique = config.unique ?? [time_column];
  const leftOut: LeftOut = { known: 0, future: 0, invalid: 0, duplicate: 0 };
  const later: CollectedRow[] = [];
  // Where the server remembers what it has sent, its rows are new whatever their time.
  const newest = config.cursor === undefined ? await newestTime(fs, config) : null;
  const earliest = newest === null ? Number.NEGATIVE_INFINITY : newest - overlap * 1000;
  const times = new Float64Array(rows.count());
  const timely: number[] = [];
  for (let row = 0; row < times.length; row += 1) {
    const time = momentOf(rows.valueAt(row, time_column), timezone);
    if (time === null) leftOut.invalid += 1;
    else if (time > nowMicros + ahead * 1000) {
      leftOut.future += 1;
      later.push(rows.rowAt(row));
    } else if (time < earliest) leftOut.known += 1;
    else {
      times[row] = time;
      timely.push(row);
    }
  }
  if (times.length > 0 && leftOut.invalid === times.length)
    throw new Error(
      `no row has a time in the column ${time_column}; the first one is ${printExactJson(rows.rowAt(0)).slice(0, 200)}`,
    );
  const timeOf = (row: number): number => times[row] ?? 0;
  const sorted = timely.sort((a, b) => timeOf(a) - timeOf(b));
  const columns = [
    {
      name: time_column,
      type: 'timestamp' as const,
      isRequired: true,
      valueIn: (row: number) => BigInt(timeOf(row)),
    },
    ...typedColumns(rows, sorted, config),
  ];
  const alike = unreadableColumns(columns);
  if (alike !== null) throw new Error(`${alike}: say in config.columns which are wanted`);
  const known =
    newest === null ? new Set<string>() : await knownKeys(fs, into, { unique, time_column, earliest });
  // Rows are in the order of their times: those of one key stand together where the time is part of it.
  const isTimed = unique.includes(time_column);
  const isApart = (row: number, before: number) => isTimed && timeOf(row) !== timeOf(before);
  const kept = rowsToKeep(sorted, keyColumns(columns, unique), known, { leftOut, isApart });
  const [first, last] = [kept[0], kept.at(-1)];
  if (first === undefined || last === undefined) return { version: null, leftOut, ahead: later };
  const bytes = await rowsAsParquet(
    kept.length,
    columns
      .filter(({ valueIn }) => kept.some((row) => valueIn(row) !== null))
      .map((column) => ({ ...column, valueIn: (row: number) => column.valueIn(kept[row] ?? 0) })),
  );
  const attributes = JSON.stringify({ event_time_column: time_column, unique });
  return {
    version: {
      rows: kept.length,
      bytes,
      options: { attributes, minEventTime: timeOf(first), maxEventTime: timeOf(last) },
    },
    leftOut,
    ahead: later,
  };
};

/** Columns that together tell rows apart. */
const keyColumns = (columns: readonly TypedColumn[], unique: readonly string[]) =>
  unique.map((name) => columns.find((column) => column.name === name));

/**
 * The last row of each key that the series does not have, in the order of the rows. `isApart`: tells whether no row from here on has the key
 * of one before; then what was seen is forgotten.
 */
const rowsToKeep = (
  rows: readonly number[],
  key: readonly (TypedColumn | undefined)[],
  known: ReadonlySet<string>,
  {
    leftOut,
    isApart,
  }: { readonly leftOut: LeftOut; readonly isApart: (row: number, before: number) => boolean },
): readonly number[] => {
  const kept: number[] = [];
  const last = new Map<string, number>();
  const keepLast = () => {
    for (const row of last.values()) kept.push(row);
    last.clear();
  };
  let before: number | null = null;
  for (const row of rows) {
    if (before !== null && isApart(row, before)) keepLast();
    before = row;
    const text = keyOf(key.map((column) => column?.valueIn(row)));
    if (known.has(text)) leftOut.known += 1;
    else {
      // What is put where another one was would keep its place.
      if (last.delete(text)) leftOut.duplicate += 1;
      last.set(text, row);
    }
  }
  keepLast();
  return kept;
};

const keyOf = (values: readonly unknown[]): string => {
  const texts = values.map((value) => String(value ?? ''));
  return texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts);
};

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
