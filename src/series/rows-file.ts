import type { CsvNotation } from '../ports/query-engine.js';

/** Form in which the rows of a host file are written down. */
export type RowsFormat = 'csv' | 'json' | 'parquet';

/** Compression of a host file. */
export type Compression = 'gzip' | 'zstd' | 'brotli' | null;

/** A file whose rows are to become Parquet. */
export interface RowsFile {
  readonly format: RowsFormat;
  readonly compression: Compression;
  /** Its name in the pond: without the endings that say how it was written. */
  readonly name: string;
}

/** Options of CSV files. */
export interface CsvOptions extends CsvNotation {
  /** The name of the encoding. */
  readonly encoding: string;
}

const COMPRESSIONS: Readonly<Record<string, Compression>> = { gz: 'gzip', zst: 'zstd', br: 'brotli' };

const FORMATS: Readonly<Record<string, RowsFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  parquet: 'parquet',
};

/** Endings of names that are understood, for messages. */
export const ENDINGS = `${Object.keys(FORMATS).join(', ')}, also with ${Object.keys(COMPRESSIONS)
  .map((ending) => `.${ending}`)
  .join(', ')}`;

/** A file by its name; null where its ending says nothing. */
export const rowsFileOf = (name: string): RowsFile | null => {
  const parts = name.split('.');
  const compression = COMPRESSIONS[parts.at(-1)?.toLowerCase() ?? ''] ?? null;
  const named = compression === null ? parts : parts.slice(0, -1);
  const format = named.length < 2 ? undefined : FORMATS[named.at(-1)?.toLowerCase() ?? ''];
  return format === undefined
    ? null
    : { format, compression, name: `${named.slice(0, -1).join('.')}.parquet` };
};
