import { flatFooter } from '../../parquet/reading/flat-footer.js';
import { nestedRecords } from '../../parquet/reading/nested-records.js';
import type { FileSystem } from '../../ports/file-system.js';
import { isNotSupported } from './column-reading.js';
import {
  type FileBytes,
  fileBytes,
  footerBytes,
  markedFooter,
  parquetOf,
  parsing,
  readRecords,
} from './parquet-reading.js';

type Records = readonly Readonly<Record<string, unknown>>[];

/**
 * All records of a small Parquet file, such as a checkpoint, where this program can without a general parser. Throws as
 * `openParquet` does.
 */
export const readAllRecords = async (files: FileSystem, path: string, size: number): Promise<Records> => {
  const bytes = fileBytes(files, path, size);
  try {
    const records = await parsing(path, async () => ownRecords(path, bytes));
    if (records !== null) return records;
  } catch (error) {
    if (!isNotSupported(error)) throw error;
  }
  const parquet = await parquetOf(path, bytes);
  return readRecords(parquet, { start: 0, end: Number(parquet.metadata.num_rows) });
};

/** The same without a general parser; null where one is needed. */
export const ownRecords = (path: string, bytes: FileBytes): Records | null => {
  const footer = markedFooter(footerBytes(path, bytes));
  const flat = footer === null ? null : flatFooter(footer, bytes.byteLength);
  return flat === null ? null : nestedRecords(bytes.part, flat);
};
