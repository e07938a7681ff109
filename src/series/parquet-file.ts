import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type AsyncBuffer, type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { ByteRanges } from '../tinyfs/series-format.js';
import { isTinyFsError } from '../tinyfs/thrown-error.js';
import { codecsFor } from '../tlogfs/parquet/codecs.js';
import { checkFooterBytes } from '../tlogfs/parquet/footer-checks.js';
import { pageChecks } from '../tlogfs/parquet/page-checks.js';
import { checkedPages } from '../tlogfs/parquet/parquet-reading.js';

/** A content that was found to be Parquet: its magic bytes and its footer are in order. */
export interface ParquetFile {
  readonly metadata: FileMetaData;
  /** The values of one column in some of the rows, as {@link RAW_TIMES} leaves them. */
  readonly readColumn: (
    column: string,
    rowStart: number,
    rowEnd: number,
  ) => TE.TaskEither<TinyFsError, readonly unknown[]>;
}

/** Times as nanoseconds: a JavaScript date would round. */
const RAW_TIMES = {
  timestampFromMilliseconds: (millis: bigint) => BigInt(millis) * 1_000_000n,
  timestampFromMicroseconds: (micros: bigint) => BigInt(micros) * 1000n,
  timestampFromNanoseconds: (nanos: bigint) => BigInt(nanos),
  dateFromDays: (days: number) => BigInt(days) * 86_400_000_000_000n,
};

const MAGIC = 'PAR1';

/** Bytes of the longest footer that is read. */
const LONGEST_FOOTER = 16 * 1024 * 1024;

/**
 * Looks at the head and the footer of a content; reads no more of it than that. It may come from anywhere: a footer, and
 * each page, is looked at before a parser makes room for what it says. `path` is for errors.
 */
export const openParquet = (content: ByteRanges, path: string): TE.TaskEither<TinyFsError, ParquetFile> =>
  TE.tryCatch(async () => {
    const { size } = content;
    if (size < 12) throw new Error(`it has only ${size} bytes`);
    const file = bufferOf(content);
    const head = Buffer.from(file.slice(0, MAGIC.length)).toString('latin1');
    if (head !== MAGIC) throw new Error(`it does not begin with ${MAGIC}`);
    const metadata = footerOf(file);
    return { metadata, readColumn: readColumn({ file, metadata, path }) };
  }, asNotParquet(path));

const footerOf = ({ byteLength, slice }: RangedFile): FileMetaData => {
  const length = new DataView(slice(byteLength - 8)).getUint32(0, true);
  if (length + 12 > byteLength) throw new Error('the footer is longer than the file');
  if (length > LONGEST_FOOTER)
    throw new Error(`a footer of ${length} bytes; at most ${LONGEST_FOOTER} are read`);
  const footer = slice(byteLength - length - 8);
  checkFooterBytes(new Uint8Array(footer, 0, length), 'any');
  return parquetMetadata(footer, { parsers: RAW_TIMES });
};

/** A content's bytes without waiting. */
interface RangedFile extends AsyncBuffer {
  readonly slice: (start: number, end?: number) => ArrayBuffer;
}

const bufferOf = ({ size, read }: ByteRanges): RangedFile => ({
  byteLength: size,
  slice: (start, end = size) => {
    const found = read(start, end - start);
    if (isLeft(found)) throw found.left;
    return new Uint8Array(found.right).buffer;
  },
});

const readColumn =
  ({ file, metadata, path }: { file: RangedFile; metadata: FileMetaData; path: string }) =>
  (column: string, rowStart: number, rowEnd: number): TE.TaskEither<TinyFsError, readonly unknown[]> =>
    TE.tryCatch(async () => {
      const checks = pageChecks(metadata, file.byteLength, [column], await codecsFor(metadata));
      const rows = await parquetReadObjects({
        file: checkedPages(file, checks),
        metadata,
        columns: [column],
        rowStart,
        rowEnd,
        parsers: RAW_TIMES,
        // Of one column: then the parser asks for every part that it reads, and each is looked at.
        useOffsetIndex: true,
        compressors: checks.compressors,
      });
      return rows.map((row): unknown => row[column]);
    }, asNotParquet(path));

const asNotParquet =
  (path: string) =>
  (thrown: unknown): TinyFsError =>
    isTinyFsError(thrown)
      ? thrown
      : { _tag: 'NotParquet', path, problem: thrown instanceof Error ? thrown.message : String(thrown) };
