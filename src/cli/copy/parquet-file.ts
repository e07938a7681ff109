import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type AsyncBuffer, type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { FileSystem } from '../../ports/file-system.js';
import type { PondError } from '../../steward/errors.js';
import { codecsFor } from '../../tlogfs/parquet/codecs.js';
import { checkFooterBytes } from '../../tlogfs/parquet/footer-checks.js';
import { pageChecks } from '../../tlogfs/parquet/page-checks.js';
import { checkedPages } from '../../tlogfs/parquet/parquet-reading.js';
import { hostFileFailed, isFileSystemError } from '../pond/host-content.js';

/** A host file that was found to be Parquet: its magic bytes and its footer are in order. */
export interface ParquetFile {
  readonly path: string;
  readonly metadata: FileMetaData;
  /** The values of one column in some of the rows, as {@link RAW_TIMES} leaves them. */
  readonly readColumn: (
    column: string,
    rowStart: number,
    rowEnd: number,
  ) => TE.TaskEither<PondError, readonly unknown[]>;
}

/** Times as the integers that the file holds: a JavaScript date would round microseconds away. */
const RAW_TIMES = {
  timestampFromMilliseconds: (millis: bigint) => BigInt(millis) * 1000n,
  timestampFromMicroseconds: (micros: bigint) => BigInt(micros),
  timestampFromNanoseconds: (nanos: bigint) => floorDivided(BigInt(nanos), 1000n),
  dateFromDays: (days: number) => BigInt(days) * 86_400_000_000n,
};

const floorDivided = (value: bigint, by: bigint): bigint =>
  value >= 0n ? value / by : -((-value + by - 1n) / by);

const MAGIC = 'PAR1';

/** Bytes of the longest footer that is read. */
const LONGEST_FOOTER = 16 * 1024 * 1024;

/**
 * Looks at the head and the footer of a host file; reads no more of it than that. The file may come from anywhere: a footer, and
 * each page, is looked at before a parser makes room for what it says.
 */
export const openParquetFile = (files: FileSystem, path: string): TE.TaskEither<PondError, ParquetFile> => {
  const notParquet = (problem: string): PondError => ({ _tag: 'NotParquet', path, problem });
  const sized = pipe(files.stat(path), TE.fromIOEither, TE.mapLeft(hostFileFailed));
  return pipe(
    sized,
    TE.filterOrElse(
      ({ kind }) => kind === 'file',
      ({ kind }) =>
        notParquet(`it is not a regular file but a ${kind === 'other' ? 'device or pipe' : kind}`),
    ),
    TE.filterOrElse(
      ({ size }) => size >= 12,
      ({ size }) => notParquet(`it has only ${size} bytes`),
    ),
    TE.tap(() =>
      pipe(
        TE.fromIOEither(files.readRange(path, 0, MAGIC.length)),
        TE.mapLeft(hostFileFailed),
        TE.filterOrElse(
          (head) => Buffer.from(head).toString('latin1') === MAGIC,
          () => notParquet(`it does not begin with ${MAGIC}`),
        ),
      ),
    ),
    TE.flatMap(({ size }) => {
      const file = rangedFile(files, path, size);
      return pipe(
        TE.tryCatch(async () => footerOf(file), asPondError(path)),
        TE.map((metadata) => ({ path, metadata, readColumn: readColumn({ file, metadata, path }) })),
      );
    }),
  );
};

const footerOf = ({ byteLength, slice }: RangedFile): FileMetaData => {
  const length = new DataView(slice(byteLength - 8)).getUint32(0, true);
  if (length + 12 > byteLength) throw new Error('the footer is longer than the file');
  if (length > LONGEST_FOOTER)
    throw new Error(`a footer of ${length} bytes; at most ${LONGEST_FOOTER} are read`);
  const footer = slice(byteLength - length - 8);
  checkFooterBytes(new Uint8Array(footer, 0, length), 'any');
  return parquetMetadata(footer, { parsers: RAW_TIMES });
};

/** A file's bytes without waiting. */
interface RangedFile extends AsyncBuffer {
  readonly slice: (start: number, end?: number) => ArrayBuffer;
}

const rangedFile = (files: FileSystem, path: string, byteLength: number): RangedFile => ({
  byteLength,
  slice: (start, end = byteLength) => {
    const read = files.readRange(path, start, end - start)();
    if (E.isLeft(read)) throw read.left;
    return new Uint8Array(read.right).buffer;
  },
});

const readColumn =
  ({ file, metadata, path }: { file: RangedFile; metadata: FileMetaData; path: string }) =>
  (column: string, rowStart: number, rowEnd: number): TE.TaskEither<PondError, readonly unknown[]> =>
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
    }, asPondError(path));

const asPondError =
  (path: string) =>
  (thrown: unknown): PondError =>
    isFileSystemError(thrown)
      ? hostFileFailed(thrown)
      : { _tag: 'NotParquet', path, problem: thrown instanceof Error ? thrown.message : String(thrown) };
