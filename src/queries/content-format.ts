import { type Either, left, right } from 'fp-ts/lib/Either.js';
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

/** Format in which a content is to be read as a table: tables and series are Parquet, files are told by their name's ending. */
export const contentFormat = ({
  entryType,
  path,
}: Pick<Entry, 'entryType' | 'path'>): Either<NotATable, ContentFormat> => {
  if (entryType === 'table' || entryType === 'series') return right('parquet');
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const format = FORMATS[ending];
  return format === undefined
    ? left({ _tag: 'NotATable', path, endings: Object.keys(FORMATS) })
    : right(format);
};

/** The error as one sentence without a full stop. */
export const describeNotATable = ({ path, endings }: NotATable): string =>
  COMPRESSED.test(path)
    ? `${path} cannot be read as a table: it is compressed`
    : `${path} cannot be read as a table: its name ends in none of ${endings.join(', ')}`;

/** Remedy for it; null: none is known. */
export const remedyOfNotATable = ({ path }: NotATable): string | null =>
  COMPRESSED.test(path)
    ? "a query reads what is compressed by read_csv('/in/a.csv.gz') or read_json; pond copy --as table makes a table of such a file of the host"
    : null;

const COMPRESSED = /\.(gz|zst|br)$/i;
