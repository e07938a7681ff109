import { isEventTime, lowerBound, upperBound } from '../../domain/tree/event-time.js';
import { ENTRY_TYPES, type EntryType, type NodeRow, type StorageFormat } from '../../domain/tree/node-row.js';
import { corrupt } from '../failure.js';
import type { DataFile } from '../log/log-entry.js';
import type { Columns } from '../parquet/column-reading.js';
import { readForgotten } from './forgotten-attributes.js';
import { StoredRow } from './stored-row.js';

/*
 * Rows come in tens of thousands, so they are checked by hand, column by column: a codec per row would cost more than
 * decoding the Parquet file.
 */

/** Rows and the file that they come from. */
export interface RowSource {
  /** Names the file in errors. */
  readonly path: string;
  readonly columns: Columns;
  readonly count: number;
  /** The file and the place of the first row in it, where contents will be asked for. */
  readonly origin: { readonly file: DataFile; readonly start: number } | null;
}

/** Stored rows as {@link NodeRow}s; throws `CorruptData` naming the file and the column. */
export const decodeRows = ({ path, columns, count, origin }: RowSource): readonly NodeRow[] => {
  const check = checksOf(path, columns, count);
  const partIds = check.texts('part_id');
  const nodeIds = check.texts('node_id');
  const names = check.texts('name');
  const fileTypes = check.each('file_type', 'an entry type', isEntryType);
  const versions = check.longs('version');
  const timestamps = check.longs('timestamp');
  const txnSeqs = check.longs('txn_seq');
  const deleted = check.each('deleted', 'a boolean', (value): value is boolean => typeof value === 'boolean');
  const storageFormats = check.each('storage_format', 'a storage format', isStorageFormat);
  const sizes = check.longs('size');
  const digests = check.optionalTexts('sha256');
  const factories = check.optionalTexts('factory');
  const earliest = check.eventTimes('min_event_time', lowerBound);
  const latest = check.eventTimes('max_event_time', upperBound);
  const attributes = check.optionalTexts('attributes');
  const rows: NodeRow[] = [];
  // Each column has been looked at and is as long as it must be: no default is ever taken.
  for (let index = 0; index < count; index += 1) {
    const row = new StoredRow(origin?.file ?? null, (origin?.start ?? 0) + index);
    row.partId = partIds[index] ?? '';
    row.nodeId = nodeIds[index] ?? '';
    row.name = names[index] ?? '';
    row.fileType = fileTypes[index] ?? 'file';
    row.version = versions[index] ?? 0;
    row.timestamp = timestamps[index] ?? 0;
    row.txnSeq = txnSeqs[index] ?? 0;
    row.deleted = deleted[index] ?? false;
    row.storageFormat = storageFormats[index] ?? 'none';
    row.size = sizes[index] ?? 0;
    row.sha256 = digests[index] ?? null;
    row.factory = factories[index] ?? null;
    row.minEventTime = earliest[index] ?? null;
    row.maxEventTime = latest[index] ?? null;
    row.attributes = attributes[index] ?? null;
    if (row.factory === null && (row.fileType === 'file:dynamic' || row.fileType === 'directory:dynamic'))
      throw check.wrong('factory', index, 'the factory of a dynamic node');
    if (row.storageFormat === 'forgotten') {
      const forgotten = readForgotten(row.attributes);
      if (forgotten === null) throw check.wrong('attributes', index, 'since when the content is forgotten');
      row.attributes = forgotten.attributes;
      row.forgotten = forgotten.forgotten;
    }
    rows.push(row);
  }
  return rows;
};

/** The bytes of rows; null where a row has none. */
export const decodeContents = (
  path: string,
  columns: Columns,
  count: number,
): readonly (Uint8Array | null)[] =>
  checksOf(path, columns, count).each(
    'content',
    'bytes',
    (value): value is Uint8Array | null => value === null || value instanceof Uint8Array,
  );

interface Checks {
  readonly wrong: (column: string, index: number, expected: string) => unknown;
  readonly each: <A>(column: string, expected: string, is: (value: unknown) => value is A) => readonly A[];
  readonly texts: (column: string) => readonly string[];
  readonly optionalTexts: (column: string) => readonly (string | null)[];
  readonly longs: (column: string) => readonly number[];
  readonly eventTimes: (column: string, bound: (micros: bigint) => number) => readonly (number | null)[];
}

const checksOf = (path: string, columns: Columns, count: number): Checks => {
  const wrong: Checks['wrong'] = (column, index, expected) =>
    corrupt(path, `column ${column}: expected ${expected}, got ${kindOf(columns[column]?.[index])}`);
  const valuesOf = (column: string, expected: string): readonly unknown[] => {
    const values = columns[column];
    if (values === undefined || values.length !== count) throw wrong(column, count, expected);
    return values;
  };
  const each: Checks['each'] = <A>(column: string, expected: string, is: (value: unknown) => value is A) => {
    const values = valuesOf(column, expected);
    const isAll = (all: readonly unknown[]): all is readonly A[] => {
      for (let index = 0; index < count; index += 1) {
        const value = all[index];
        // Most columns have one value again and again.
        if ((index === 0 || value !== all[index - 1]) && !is(value)) throw wrong(column, index, expected);
      }
      return true;
    };
    return isAll(values) ? values : [];
  };
  return {
    wrong,
    each,
    texts: (column) => each(column, 'a string', isText),
    optionalTexts: (column) =>
      each(column, 'a string', (value): value is string | null => value === null || isText(value)),
    longs: (column) => {
      const longAt = (value: unknown, index: number): number => {
        const number = typeof value === 'bigint' ? Number(value) : value;
        if (typeof number !== 'number' || !Number.isSafeInteger(number))
          throw wrong(column, index, 'a whole number');
        return number;
      };
      return exactly(valuesOf(column, 'a whole number'), longAt);
    },
    eventTimes: (column, bound) => {
      const timeAt = (value: unknown, index: number): number | null => {
        if (value === null) return null;
        if (typeof value === 'bigint') return bound(value);
        // -2^53 is told exactly by a number, although it is not counted among those that are safe.
        if (typeof value !== 'number' || !isEventTime(value)) throw wrong(column, index, 'a whole number');
        return value;
      };
      return exactly(valuesOf(column, 'a whole number'), timeAt);
    },
  };
};

/** Values as they are, or where there are others than numbers what `take` makes of each; it throws for what is wrong. */
const exactly = <A extends number | null>(
  values: readonly unknown[],
  take: (value: unknown, index: number) => A,
): readonly A[] => {
  const areAll = (all: readonly unknown[]): all is readonly A[] => {
    for (let index = 0; index < all.length; index += 1) {
      const value = all[index];
      if ((index === 0 || value !== all[index - 1]) && take(value, index) !== value) return false;
    }
    return true;
  };
  return areAll(values) ? values : values.map(take);
};

const isText = (value: unknown): value is string => typeof value === 'string';

const ENTRY_TYPE_NAMES: ReadonlySet<unknown> = new Set(Object.keys(ENTRY_TYPES));
const STORAGE_FORMATS: ReadonlySet<unknown> = new Set<StorageFormat>([
  'inline',
  'external',
  'none',
  'forgotten',
]);

const isEntryType = (value: unknown): value is EntryType => ENTRY_TYPE_NAMES.has(value);
const isStorageFormat = (value: unknown): value is StorageFormat => STORAGE_FORMATS.has(value);

const kindOf = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : typeof value);
