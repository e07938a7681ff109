import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Compression, compressionOfBytes } from '../../../domain/documents/compression.js';
import type { QueryFailed } from '../../../ports/query-engine.js';
import type { FileNames, TableFiles } from '../files/table-files.js';

/** Errors of the engine about text that is not UTF-8; the second is how it fails to say so where few columns are read. */
const ABOUT_ENCODING = /not utf-8 encoded|INTERNAL Error: Attempted to access index/;

/** The error in words where a file of text is compressed or, with the line, a CSV file is not UTF-8; another error as it is. */
export const encodingInWords = async (
  thrown: unknown,
  tables: readonly TableFiles[],
  names: FileNames,
): Promise<unknown> => {
  if (!(thrown instanceof Error)) return thrown;
  for (const { table, files } of tables)
    for (const file of table.format === 'parquet' ? [] : files) {
      const compression = await compressionOfFile(file);
      if (compression !== null) return compressedInWords(names.get(file) ?? file, table.format, compression);
    }
  if (!ABOUT_ENCODING.test(thrown.message)) return thrown;
  for (const { table, files } of tables)
    for (const file of table.format === 'csv' ? files : []) {
      const line = await lineOfFault(file);
      const path = names.get(file) ?? file;
      if (line !== null)
        return {
          _tag: 'QueryFailed',
          message: `${path}, line ${line}: it is not UTF-8`,
          remedy: `say its encoding: read_csv('${path}', encoding = 'latin-1')`,
        } satisfies QueryFailed;
    }
  return thrown;
};

/** Compression that the beginning of a file shows; null: none. */
export const compressionOfFile = async (path: string): Promise<Compression | null> => {
  const file = await open(path);
  try {
    return compressionOfBytes((await file.read(Buffer.alloc(4), 0, 4, 0)).buffer);
  } finally {
    await file.close();
  }
};

/** The error in words where a file of text is compressed, and nothing has said so. */
export const compressedInWords = (path: string, format: string, compression: Compression): QueryFailed => ({
  _tag: 'QueryFailed',
  message: `${path} is compressed by ${compression}, which its name does not say`,
  remedy: `read_${format}('${path}', compression = '${compression}'), or a name that ends in .${compression === 'gzip' ? 'gz' : 'zst'}`,
});

const NEWLINE = 0x0a;

/** The first line, from 1, that is not UTF-8; null: there is none. */
const lineOfFault = async (file: string): Promise<number | null> => {
  let line = 1;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const bytes = Buffer.concat([rest, chunk as Uint8Array]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const whole = bytes.subarray(0, end);
    const isFine = isUtf8(whole);
    for (let from = 0; from < end; line += 1) {
      const to = bytes.indexOf(NEWLINE, from) + 1;
      if (!isFine && !isUtf8(bytes.subarray(from, to))) return line;
      from = to;
    }
    rest = bytes.subarray(end);
  }
  return isUtf8(rest) ? null : line;
};
