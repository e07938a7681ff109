import * as E from 'fp-ts/lib/Either.js';
import type { ContentFormat } from '../../ports/query-engine.js';
import type { Entry } from '../../tinyfs/tinyfs.js';
import { type UsageError, usage } from '../errors.js';

const FORMATS: Readonly<Record<string, ContentFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  geojson: 'json',
  parquet: 'parquet',
};

/** How a content is to be read as a table: tables and series are Parquet, files are told by their name's ending. */
export const contentFormat = ({
  entryType,
  path,
}: Pick<Entry, 'entryType' | 'path'>): E.Either<UsageError, ContentFormat> => {
  if (entryType === 'table' || entryType === 'series') return E.right('parquet');
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const format = FORMATS[ending];
  return format === undefined
    ? E.left(
        usage(
          `${path} cannot be read as a table: its name ends in none of ${Object.keys(FORMATS).join(', ')}`,
          'pond cat without --sql and --format prints it as it is',
        ),
      )
    : E.right(format);
};
