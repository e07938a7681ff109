import type { Compression } from '../domain/documents/compression.js';
import type { CsvNotation } from '../ports/query-engine.js';
import { COMPRESSIONS, compressionOf } from '../queries/content-format.js';

/** Form in which the rows of a host file are written down. */
export type RowsFormat = 'csv' | 'json' | 'parquet';

/** A file whose rows are to become Parquet. */
export interface RowsFile {
  readonly format: RowsFormat;
  readonly compression: Compression | null;
  /** Its name in the pond: without the endings that say how it was written. */
  readonly name: string;
}

/** Options of CSV files. */
export interface CsvOptions extends CsvNotation {
  /** The name of the encoding. */
  readonly encoding: string;
}

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
  const compression = compressionOf(name);
  const named = compression === null ? parts : parts.slice(0, -1);
  const format = named.length < 2 ? undefined : FORMATS[named.at(-1)?.toLowerCase() ?? ''];
  return format === undefined
    ? null
    : { format, compression, name: `${named.slice(0, -1).join('.')}.parquet` };
};
