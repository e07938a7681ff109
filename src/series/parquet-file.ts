import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type FileMetaData, parquetReadObjects } from 'hyparquet';
import { checkedFooter } from '../parquet/checks/checked-footer.js';
import { checkedPages, type RangedFile } from '../parquet/checks/checked-pages.js';
import { pageChecks } from '../parquet/checks/page-checks.js';
import { codecsFor } from '../parquet/codecs.js';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { ByteRanges } from '../tinyfs/series-format.js';
import { isTinyFsError } from '../tinyfs/thrown-error.js';

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

/**
 * Looks at the head and the footer of a content; reads no more of it than that. It may come from anywhere: a footer, and
 * each page, is looked at before a parser makes room for what it says. `path` is for errors.
 */
export const openParquet = (content: ByteRanges, path: string): TE.TaskEither<TinyFsError, ParquetFile> =>
  TE.tryCatch(async () => {
    const file = bufferOf(content);
    const metadata = checkedFooter(file, RAW_TIMES);
    return { metadata, readColumn: readColumn({ file, metadata, path }) };
  }, asNotParquet(path));

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
