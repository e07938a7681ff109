import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Compression } from '../domain/documents/compression.js';
import { ownValue } from '../domain/own-value.js';
import type { ContentFormat } from '../ports/query-engine.js';
import type { Entry } from '../tinyfs/tinyfs.js';

/** A content that cannot be read as rows: its name ends in none of the endings that say how. */
export interface NotATable {
  readonly _tag: 'NotATable';
  readonly path: string;
  readonly endings: readonly string[];
}

const FORMATS: Readonly<Record<string, ContentFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  geojson: 'json',
  parquet: 'parquet',
};

/** Endings of names of what is compressed. */
export const COMPRESSIONS: Readonly<Record<string, Compression>> = { gz: 'gzip', zst: 'zstd', br: 'brotli' };

/** Compression that the ending of a name says; null: it says none. */
export const compressionOf = (name: string): Compression | null =>
  ownValue(COMPRESSIONS, endingOf(name)) ?? null;

const endingOf = (name: string): string => /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';

/**
 * Format in which a content is to be read as a table: tables and series are Parquet, files are told by their name's ending,
 * which may have that of a compression behind it.
 */
export const contentFormat = ({
  entryType,
  path,
}: Pick<Entry, 'entryType' | 'path'>): Either<NotATable, ContentFormat> => {
  if (entryType === 'table' || entryType === 'series') return right('parquet');
  const ending = endingOf(path);
  const inner = compressionOf(path) === null ? ending : endingOf(path.slice(0, -ending.length - 1));
  const format = ownValue(FORMATS, inner);
  return format === undefined
    ? left({ _tag: 'NotATable', path, endings: Object.keys(FORMATS) })
    : right(format);
};

/** The error as one sentence without a full stop. */
export const describeNotATable = ({ path, endings }: NotATable): string =>
  `${path} cannot be read as a table: its name ends in none of ${endings.join(', ')}${compressionOf(path) === null ? '' : ` before .${endingOf(path)}`}`;
