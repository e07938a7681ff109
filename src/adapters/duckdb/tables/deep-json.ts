import { createReadStream } from 'node:fs';
import { seekDepth, tooDeep } from '../../../domain/documents/json-depth.js';
import type { QueryFailed, QueryReader } from '../../../ports/query-engine.js';
import type { TableFiles } from '../files/table-files.js';

/**
 * Throws a {@link QueryFailed} where the JSON of a table is nested too deep for the engine, which calls itself for every level: where
 * its stack overflows, the process ends.
 */
export const refuseDeepJson = async ({ table, files }: TableFiles, signal: AbortSignal): Promise<void> => {
  if (table.format !== 'json') return;
  for (const [index, file] of files.entries())
    await refuseDeepFile(
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

const refuseDeepFile = async (json: JsonFile, signal: AbortSignal): Promise<void> => {
  const sought = seekDepth({ eachLine: hasRowsByLine(json.reader) });
  for await (const piece of createReadStream(json.file, { highWaterMark: PIECE, signal })) {
    const line = sought.tooDeepIn(piece as Uint8Array);
    if (line !== null)
      throw {
        _tag: 'QueryFailed',
        message: `${json.path}: ${tooDeep} (line ${line})`,
      } satisfies QueryFailed;
  }
};

const PIECE = 1024 * 1024;

/** Tells whether one line that is broken, which a query may pass over, says nothing about the next. */
const hasRowsByLine = (reader: QueryReader | undefined): boolean =>
  reader !== undefined &&
  (reader.name.startsWith('read_ndjson') || /newline_delimited/i.test(reader.options));
