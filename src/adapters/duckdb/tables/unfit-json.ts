import { createReadStream } from 'node:fs';
import { seekDepth, tooDeep } from '../../../domain/documents/json-depth.js';
import type { QueryFailed, QueryReader } from '../../../ports/query-engine.js';
import type { TableFiles } from '../files/table-files.js';

/**
 * Throws a {@link QueryFailed} where the JSON of a table is nested too deep for the engine, which calls itself for every level: where
 * its stack overflows, the process ends. It also throws where a list has no end: one that breaks off behind a comma the engine takes
 * for a whole one.
 */
export const refuseUnfitJson = async ({ table, files }: TableFiles, signal: AbortSignal): Promise<void> => {
  if (table.format !== 'json') return;
  for (const [index, file] of files.entries())
    await refuseUnfitFile(
      { file, path: table.filenames?.[index] ?? table.path ?? table.name, reader: table.reader },
      signal,
    );
};

interface JsonFile {
  readonly file: string;
  /** Path by which people know it. */
  readonly path: string;
  readonly reader: QueryReader | undefined;
}

const refuseUnfitFile = async ({ file, path, reader }: JsonFile, signal: AbortSignal): Promise<void> => {
  const eachLine = hasRowsByLine(reader);
  const sought = seekDepth({ eachLine });
  let first: number | undefined;
  for await (const bytes of createReadStream(file, { highWaterMark: PIECE, signal })) {
    const piece = bytes as Uint8Array;
    const line = sought.tooDeepIn(piece);
    if (line !== null) throw queryFailed(`${path}: ${tooDeep} (line ${line})`);
    first ??= piece.find(isPartOfValue);
  }
  if (!eachLine && first === OPENING && sought.open() > 0)
    throw queryFailed(`${path}: it is not whole: the list of its rows, which begins with [, has no end`);
};

const queryFailed = (message: string): QueryFailed => ({ _tag: 'QueryFailed', message });

const PIECE = 1024 * 1024;

const OPENING = 0x5b;
/** Space, tab and the ends of lines; also the bytes of a mark of byte order, none of which begins a value. */
const BETWEEN: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
const isPartOfValue = (byte: number): boolean => !BETWEEN.has(byte);

/** Tells whether one line that is broken, which a query may pass over, says nothing about the next. */
const hasRowsByLine = (reader: QueryReader | undefined): boolean =>
  reader !== undefined &&
  (reader.name.startsWith('read_ndjson') || /newline_delimited/i.test(reader.options));
