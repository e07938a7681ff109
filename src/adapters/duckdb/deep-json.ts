import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { seekDepth, tooDeep } from '../../domain/documents/json-depth.js';
import type { QueryFailed, QueryReader } from '../../ports/query-engine.js';
import type { TableFiles } from './table-view.js';

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
  for await (const piece of await plainBytes(json, signal)) {
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

/** A query may say that a file is compressed; its bytes say how. */
const plainBytes = async ({ file, path, reader }: JsonFile, signal: AbortSignal): Promise<Readable> => {
  const read = () => createReadStream(file, { highWaterMark: PIECE, signal });
  if (reader === undefined || !/compression/i.test(reader.options)) return read();
  const first = await firstBytes(file);
  if (first.readUInt32LE() === ZSTD)
    throw {
      _tag: 'QueryFailed',
      message: `${path} is compressed by zstd, which a query does not read as JSON`,
      remedy: 'pond copy --as table takes the rows of such a file of the host (.json.zst, .jsonl.zst)',
    } satisfies QueryFailed;
  // Whoever iterates over what comes out of it gets the errors of both.
  return first.readUInt16BE() === GZIP ? pipeline(read(), createGunzip(), () => undefined) : read();
};

const GZIP = 0x1f8b;
const ZSTD = 0xfd2fb528;

const firstBytes = async (path: string): Promise<Buffer> => {
  const opened = await open(path);
  try {
    return (await opened.read(Buffer.alloc(4), 0, 4, 0)).buffer;
  } finally {
    await opened.close();
  }
};
