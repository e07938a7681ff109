import { isLeft } from 'fp-ts/lib/Either.js';
import { parquetMetadata } from 'hyparquet';
import { checkFooterBytes } from '../../../parquet/checks/footer-checks.js';
import type { FileSystem } from '../../../ports/file-system.js';
import type { ByteStream, StoredStream } from '../../../tinyfs/persistence.js';

/** Bytes of a file's end that are kept for its footer, which has its schema and the places of its row groups. */
const LONGEST_FOOTER = 16 * 1024 * 1024;
/** Bytes after the footer: its length and the magic. */
const TAIL = 8;

/** Rows of a Parquet file, as its footer says; null where it is not Parquet, or its footer is very large. */
export const parquetRows = async (
  files: Pick<FileSystem, 'stat' | 'readRange'>,
  content: StoredStream,
): Promise<number | null> => {
  const end =
    (content.file === undefined ? null : footerInPlace(files, content.file)) ?? (await endOf(content));
  if (end.length < TAIL || Buffer.from(end.subarray(-4)).toString('latin1') !== 'PAR1') return null;
  const length = footerLength(end);
  if (length + TAIL > end.length) return null;
  const footer = end.subarray(end.length - length - TAIL);
  try {
    // The file may come from anywhere: the parser makes room for what a footer says.
    checkFooterBytes(footer.subarray(0, length), 'any');
    return Number(parquetMetadata(new Uint8Array(footer).buffer).num_rows);
  } catch {
    // Its last bytes look like Parquet's, and nothing else does: there is no number of rows to be told.
    return null;
  }
};

/** The footer of a file that consists of the content, without reading the rest; null where it cannot be read so. */
const footerInPlace = (files: Pick<FileSystem, 'stat' | 'readRange'>, path: string): Uint8Array | null => {
  const stat = files.stat(path)();
  if (isLeft(stat) || stat.right.size < TAIL) return null;
  const { size } = stat.right;
  const tail = files.readRange(path, size - TAIL, TAIL)();
  if (isLeft(tail)) return null;
  const length = Math.min(size, LONGEST_FOOTER, footerLength(tail.right) + TAIL);
  const footer = files.readRange(path, size - length, length)();
  return isLeft(footer) ? null : footer.right;
};

const footerLength = (end: Uint8Array): number =>
  new DataView(end.buffer, end.byteOffset, end.byteLength).getUint32(end.byteLength - TAIL, true);

const endOf = async (content: ByteStream): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    size += chunk.length;
    for (
      let first = chunks[0];
      first !== undefined && size - first.length >= LONGEST_FOOTER;
      first = chunks[0]
    ) {
      chunks.shift();
      size -= first.length;
    }
  }
  return Buffer.concat(chunks);
};
