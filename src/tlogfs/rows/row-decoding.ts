import { lowerBound, upperBound } from '../../domain/tree/event-time.js';
import { ENTRY_TYPES, type EntryType, type NodeRow, type StorageFormat } from '../../domain/tree/node-row.js';
import { corrupt } from '../failure.js';
import { readForgotten } from './forgotten-attributes.js';

type Stored = Readonly<Record<string, unknown>>;

/*
 * Rows come in tens of thousands, so they are checked by hand: a codec per row would cost more than decoding the
 * Parquet file.
 */

/** A stored row as a {@link NodeRow}; throws `CorruptData` naming the file and the column. */
export const decodeRow = (path: string, stored: Stored): NodeRow => {
  const wrong = (column: string, expected: string) =>
    corrupt(path, `column ${column}: expected ${expected}, got ${kindOf(stored[column])}`);
  const text = (column: string): string => {
    const value = stored[column];
    if (typeof value !== 'string') throw wrong(column, 'a string');
    return value;
  };
  const optionalText = (column: string): string | null =>
    stored[column] === null || stored[column] === undefined ? null : text(column);
  const long = (column: string): number => {
    const value = stored[column];
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrong(column, 'a whole number');
    return number;
  };
  const eventTime = (column: string, bound: (micros: bigint) => number): number | null => {
    const value = stored[column];
    if (value === null || value === undefined) return null;
    if (typeof value !== 'bigint') throw wrong(column, 'a whole number');
    return bound(value);
  };
  const fileType = text('file_type');
  if (!isEntryType(fileType)) throw wrong('file_type', 'an entry type');
  const storageFormat = text('storage_format');
  if (!isStorageFormat(storageFormat)) throw wrong('storage_format', 'a storage format');
  const deleted = stored.deleted;
  if (typeof deleted !== 'boolean') throw wrong('deleted', 'a boolean');
  const factory = optionalText('factory');
  if (factory === null && fileType.endsWith(':dynamic'))
    throw wrong('factory', 'the factory of a dynamic node');
  const attributes = optionalText('attributes');
  const forgotten = storageFormat === 'forgotten' ? readForgotten(attributes) : null;
  if (storageFormat === 'forgotten' && forgotten === null)
    throw wrong('attributes', 'since when the content is forgotten');
  return {
    partId: text('part_id'),
    nodeId: text('node_id'),
    name: text('name'),
    fileType,
    version: long('version'),
    timestamp: long('timestamp'),
    txnSeq: long('txn_seq'),
    deleted,
    storageFormat,
    size: long('size'),
    sha256: optionalText('sha256'),
    factory,
    minEventTime: eventTime('min_event_time', lowerBound),
    maxEventTime: eventTime('max_event_time', upperBound),
    ...(forgotten ?? { attributes }),
  };
};

/** The bytes of a row; null where it has none. */
export const decodeContent = (path: string, stored: Stored): Uint8Array | null => {
  const content = stored.content;
  if (content === null || content === undefined) return null;
  if (!(content instanceof Uint8Array)) {
    throw corrupt(path, `column content: expected bytes, got ${kindOf(content)}`);
  }
  return content;
};

const ENTRY_TYPE_NAMES: ReadonlySet<string> = new Set(Object.keys(ENTRY_TYPES));
const STORAGE_FORMATS: ReadonlySet<string> = new Set<StorageFormat>([
  'inline',
  'external',
  'none',
  'forgotten',
]);

const isEntryType = (text: string): text is EntryType => ENTRY_TYPE_NAMES.has(text);
const isStorageFormat = (text: string): text is StorageFormat => STORAGE_FORMATS.has(text);

const kindOf = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : typeof value);
