import { type FileHandle, open } from 'node:fs/promises';
import { checkFooterBytes } from '../../../parquet/checks/footer-checks.js';
import type { QueryFailed } from '../../../ports/query-engine.js';
import type { TableFiles } from '../files/table-files.js';

/**
 * Throws a {@link QueryFailed} where the columns of a Parquet file are nested too deep for the engine, as {@link refuseUnfitJson} does
 * of JSON. What else is wrong with a file the engine says.
 */
export const refuseDeepParquet = async ({ table, files }: TableFiles): Promise<void> => {
  if (table.format !== 'parquet') return;
  for (const [index, file] of files.entries()) {
    const footer = await footerOf(file);
    if (footer === null) continue;
    try {
      checkFooterBytes(footer, 'any');
    } catch (thrown) {
      const path = table.filenames?.[index] ?? table.path ?? table.name;
      const problem = thrown instanceof Error ? thrown.message : String(thrown);
      throw {
        _tag: 'QueryFailed',
        message: `${path} cannot be read as Parquet: ${problem}`,
      } satisfies QueryFailed;
    }
  }
};

/** Bytes after the footer: its length, and the mark of a Parquet file. */
const TAIL = 8;
/** Bytes of a footer in which a deep schema has no room. */
const SHORT = 1024;

/** The footer of a file; null where it is too short for anything deep, or there is none. */
const footerOf = async (path: string): Promise<Uint8Array | null> => {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size < TAIL) return null;
    const length = (await bytesAt(file, size - TAIL, TAIL)).readUInt32LE();
    return length < SHORT || length + TAIL > size ? null : await bytesAt(file, size - TAIL - length, length);
  } finally {
    await file.close();
  }
};

const bytesAt = async (file: FileHandle, at: number, length: number): Promise<Buffer> =>
  (await file.read(Buffer.alloc(length), 0, length, at)).buffer;
