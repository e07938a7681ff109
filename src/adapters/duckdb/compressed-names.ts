import type { QueryReader, QueryTable } from '../../ports/query-engine.js';

const COMPRESSIONS: Readonly<Record<string, string>> = { gz: 'gzip', zst: 'zstd' };

/** Names by which people know the contents of a table. */
export const namesOf = ({ filenames, path, name }: QueryTable): readonly string[] =>
  filenames ?? [path ?? name];

/**
 * A reader that is told how its files are compressed, where their names in the pond say so and the query does not: the engine finds that
 * out by names as well, but those of the files that it is given are others.
 */
export const readerOfNames = (reader: QueryReader, names: readonly string[]): QueryReader => {
  if (reader.name.startsWith('read_parquet') || /\bcompression\s*=/i.test(reader.options)) return reader;
  const [compression, ...others] = new Set(names.map(compressionOf));
  if (compression === undefined || others.length > 0) return reader;
  const options = [
    ...(reader.options.trim() === '' ? [] : [reader.options]),
    `compression = '${compression}'`,
  ];
  return { ...reader, options: options.join(', ') };
};

const compressionOf = (name: string): string | undefined =>
  COMPRESSIONS[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
