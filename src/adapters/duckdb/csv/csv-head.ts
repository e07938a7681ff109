import { promises } from 'node:fs';
import type { CsvNotation, QueryFailed } from '../../../ports/query-engine.js';
import { compressedInWords, compressionOfFile } from './csv-encoding.js';

/** The first line of a CSV file. */
export interface CsvHead {
  readonly delimiter: string;
  readonly columns: readonly string[];
  /** True: the line has the names of the columns. */
  readonly hasNames: boolean;
}

/** Files with the same first line. */
export interface Group {
  readonly head: CsvHead;
  readonly files: readonly string[];
}

/** Bytes of CSV that are read at once: several files are read side by side, in little memory. No line may have more. */
export const CSV_BUFFER = 4 * 1024 * 1024;

/** Number of bytes of a file that are looked at for its first line, at first, and at most. */
const LOOKED_AT = 32 * 1024;
const LOOKED_AT_MOST = CSV_BUFFER;

/** Columns that a file may have: what the engine takes for each more than makes up for the size of the file. */
const MAX_COLUMNS = 5_000;

const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * Reads the names of the columns, and the delimiter: the one that stands most often in that line, outside of quotes. So a
 * damaged line further down is an error with its number, and not the sign of another notation. For a line that names no columns, or
 * one twice, or one with NUL in it, or is longer than it may be, it throws a {@link QueryFailed}; of a file of a query such columns get names, and null is returned for one that begins with nothing, or
 * with a comment. `name` is how people know the file.
 */
export const csvHead = async (
  file: string,
  name: string,
  { delimiter: given, header = true }: CsvNotation = {},
  of: 'query' | 'session' = 'session',
): Promise<CsvHead | null> => {
  const line = await firstLineOf(file);
  if (Buffer.byteLength(line) >= LOOKED_AT_MOST - 1)
    throw failed(`${name}: its first line has more than 4 MiB, which is the most that a line may have`);
  await refuseLongEnd(file, name);
  const delimiter = given ?? mostFrequent(line);
  const columns = fieldsOf(line, delimiter);
  if (columns.length > MAX_COLUMNS)
    throw failed(
      `${name}: its first line has ${columns.length} columns, and rows of CSV may have ${MAX_COLUMNS}`,
    );
  if (!header) return { delimiter, hasNames: false, columns: columns.map((_, index) => `column${index}`) };
  if (of === 'query' && (line === '' || line.startsWith('#'))) return null;
  if (line === '') throw failed(`${name}: it has no line that names its columns`);
  await refuseNul(columns, file, name, of);
  return {
    delimiter,
    hasNames: true,
    columns: of === 'query' ? namesApart(columns) : refusedUnnamed(columns, name),
  };
};

/** Refuses names with the character NUL, which end a statement of SQL: text in UTF-16 has one beside each Latin letter, and what is compressed anywhere. */
const refuseNul = async (
  columns: readonly string[],
  file: string,
  name: string,
  of: 'query' | 'session',
): Promise<void> => {
  const index = columns.findIndex((column) => column.includes('\0'));
  if (index === -1) return;
  const compression = await compressionOfFile(file);
  if (compression !== null) throw compressedInWords(name, 'csv', compression);
  throw {
    ...failed(`${name}: its first line has the character NUL in the name of column ${index + 1}`),
    remedy: `say its encoding if it is UTF-16: ${of === 'query' ? `read_csv('${name}', encoding = 'utf-16')` : '--csv-encoding utf-16le'}`,
  };
};

/** SQL does not tell upper and lower case apart. */
const refusedUnnamed = (columns: readonly string[], name: string): readonly string[] => {
  const seen = new Set<string>();
  for (const [index, column] of columns.entries()) {
    if (column === '') throw failed(`${name}: its first line has no name for column ${index + 1}`);
    const lower = column.toLowerCase();
    if (seen.has(lower)) throw failed(`${name}: its first line names the column ${column} twice`);
    seen.add(lower);
  }
  return columns;
};

const namesApart = (columns: readonly string[]): readonly string[] => {
  const seen = new Set<string>();
  return columns.map((column, index) => {
    const name = column === '' ? `column${index}` : column;
    let found = name;
    for (let count = 1; seen.has(found.toLowerCase()); count += 1) found = `${name}_${count}`;
    seen.add(found.toLowerCase());
    return found;
  });
};

const failed = (message: string): QueryFailed => ({ _tag: 'QueryFailed', message });

const firstLineOf = async (file: string): Promise<string> => {
  const beginning = firstLine(await beginningOf(file, LOOKED_AT));
  return beginning.length < LOOKED_AT / 4 ? beginning : firstLine(await beginningOf(file, LOOKED_AT_MOST));
};

/**
 * Refuses a last line that does not fit into the bytes that the engine reads at once: it leaves such a row out without an error, unlike
 * one in the middle.
 */
const refuseLongEnd = async (file: string, name: string): Promise<void> => {
  const handle = await promises.open(file);
  try {
    const { size } = await handle.stat();
    for (const length of [LOOKED_AT, CSV_BUFFER]) {
      if (size <= length) return;
      const end = Buffer.alloc(length);
      await handle.read(end, 0, length, size - length);
      // The last line may end, with one character or two.
      const before = end.subarray(0, -2);
      if (before.includes(NEWLINE) || before.includes(RETURN)) return;
    }
  } finally {
    await handle.close();
  }
  throw failed(`${name}: its last line has more than 4 MiB, which is the most that a line may have`);
};

const NEWLINE = 0x0a;
const RETURN = 0x0d;

const beginningOf = async (file: string, size: number): Promise<string> => {
  const handle = await promises.open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\u{feff}/u, '');
  } finally {
    await handle.close();
  }
};

/** Text up to the first line end that is not quoted. */
const firstLine = (text: string): string => {
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === '\n' || character === '\r')) return text.slice(0, at);
  }
  return text;
};

const mostFrequent = (line: string): string => {
  const bare = line.replace(/"(?:[^"]|"")*"/g, '');
  const count = (delimiter: string): number => bare.split(delimiter).length;
  return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
};

/** Fields of a row, without their quotes. */
export const fieldsOf = (line: string, delimiter: string): readonly string[] => {
  const fields: string[] = [];
  for (let rest = line; ; ) {
    const quotedField = /^"((?:[^"]|"")*)"/.exec(rest);
    const end = quotedField === null ? 0 : quotedField[0].length;
    const next = rest.indexOf(delimiter, end);
    const bare = rest.slice(end, next === -1 ? undefined : next);
    fields.push(quotedField === null ? bare : (quotedField[1] ?? '').replaceAll('""', '"'));
    if (next === -1) return fields;
    rest = rest.slice(next + delimiter.length);
  }
};
