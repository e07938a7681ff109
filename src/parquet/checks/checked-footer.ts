import { type FileMetaData, type ParquetParsers, parquetMetadata } from 'hyparquet';
import type { RangedFile } from './checked-pages.js';
import { checkCounts, checkFooterBytes } from './footer-checks.js';

const MAGIC = 'PAR1';

/** Bytes of the longest footer that is read. */
const LONGEST_FOOTER = 16 * 1024 * 1024;

/**
 * The footer of a file that may come from anywhere: its bytes are looked at before a parser makes room for what they say. Throws an
 * `Error` that says what is not as in Parquet.
 */
export const checkedFooter = (
  { byteLength, slice }: RangedFile,
  parsers: Partial<ParquetParsers>,
): FileMetaData => {
  if (byteLength < 12) throw new Error(`it has only ${byteLength} bytes`);
  const head = Buffer.from(slice(0, MAGIC.length)).toString('latin1');
  if (head !== MAGIC) throw new Error(`it does not begin with ${MAGIC}`);
  const length = new DataView(slice(byteLength - 8)).getUint32(0, true);
  if (length + 12 > byteLength) throw new Error('the footer is longer than the file');
  if (length > LONGEST_FOOTER)
    throw new Error(`a footer of ${length} bytes; at most ${LONGEST_FOOTER} are read`);
  const footer = slice(byteLength - length - 8);
  checkFooterBytes(new Uint8Array(footer, 0, length), 'any');
  const metadata = parquetMetadata(footer, { parsers });
  checkCounts(metadata, byteLength);
  return metadata;
};
