import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import { checkedPages, type RangedFile } from '../../parquet/checks/checked-pages.js';
import { checkFooter, checkFooterBytes } from '../../parquet/checks/footer-checks.js';
import { pageChecks } from '../../parquet/checks/page-checks.js';
import { codecsFor } from '../../parquet/codecs.js';
import { NotSupported } from '../../parquet/not-supported.js';
import type { FileSystem } from '../../ports/file-system.js';
import { asPersistenceError, corrupt, isFileSystemError, notSupported, run } from '../failure.js';

/** A Parquet file whose footer is read. */
export interface ParquetFile {
  readonly path: string;
  readonly metadata: FileMetaData;
  readonly bytes: FileBytes;
}

/** The bytes of a file. */
export interface FileBytes extends RangedFile {
  /** Bytes that nobody may change: those of a small file are shared by all who read it. */
  readonly part: (start: number, end: number) => Uint8Array;
}

/** Files up to this size are read at once; of larger ones only what is asked for. */
const SMALL = 2 * 1024 * 1024;
/** Number of bytes in which the footer is looked for first. */
const FOOTER = 64 * 1024;

/**
 * Opens a Parquet file. `size` is what the log says: a file of another size was cut or overwritten. Throws
 * `CorruptData` naming the file, or the `FileSystemError` (`ENOENT` where it is missing). A footer that is known
 * already is not read again.
 */
export const openParquet = async (
  files: FileSystem,
  path: string,
  size: number,
  known?: FileMetaData,
): Promise<ParquetFile> => parquetOf(path, fileBytes(files, path, size), known);

/** The same of a file whose bytes are at hand. */
export const parquetOf = async (
  path: string,
  bytes: FileBytes,
  known?: FileMetaData,
): Promise<ParquetFile> => {
  const metadata = known ?? (await parsing(path, async () => footerOf(path, bytes)));
  return { path, metadata, bytes };
};

/**
 * Values as they were written: a Date would drop three digits of microseconds, and a mark (U+FEFF) that begins a name is part of it.
 * Times are microseconds, in whatever unit another engine wrote them: Spark's INT96 are nanoseconds.
 */
const EXACT = {
  timestampFromMilliseconds: (millis: bigint) => BigInt(millis) * 1000n,
  timestampFromMicroseconds: (micros: bigint) => micros,
  timestampFromNanoseconds: (nanos: bigint) =>
    (BigInt(nanos) - (((BigInt(nanos) % 1000n) + 1000n) % 1000n)) / 1000n,
  stringFromBytes: ({ buffer, byteOffset, length }: Uint8Array) =>
    Buffer.from(buffer, byteOffset, length).toString(),
};

/** Rows `start` to `end` of some columns, as plain objects. */
export const readRecords = (
  { path, metadata, bytes }: ParquetFile,
  range: { readonly start: number; readonly end: number },
  columns?: readonly string[],
): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  parsing(path, async () => {
    const checks = pageChecks(metadata, bytes.byteLength, columns ?? null, await codecsFor(metadata));
    const records = await parquetReadObjects({
      file: checkedPages(bytes, checks),
      metadata,
      rowStart: range.start,
      rowEnd: range.end,
      utf8: false,
      compressors: checks.compressors,
      // Of one column: then the parser asks for every part that it reads, and each is looked at.
      useOffsetIndex: columns?.length === 1,
      parsers: EXACT,
      ...(columns === undefined ? {} : { columns: [...columns] }),
    });
    if (records.length !== range.end - range.start) {
      throw corrupt(path, `${range.end - range.start} rows expected, ${records.length} found`);
    }
    return records;
  });

/** The bytes of a file of that size, which are read at once where they are few. Throws where it has another size. */
export const fileBytes = (files: FileSystem, path: string, size: number): FileBytes => {
  const wrongSize = (found: number) => corrupt(path, `${size} bytes expected, ${found} found`);
  if (size <= SMALL) {
    const content = run(files.readFile(path));
    if (content.length !== size) throw wrongSize(content.length);
    return {
      byteLength: size,
      part: (start, end) => content.subarray(start, end),
      slice: (start, end = size) => copied(content.subarray(start, end)),
    };
  }
  const found = run(files.stat(path)).size;
  if (found !== size) throw wrongSize(found);
  const part = (start: number, end: number): Uint8Array => {
    const read = run(files.readRange(path, start, end - start));
    if (read.length !== end - start) throw corrupt(path, `cut while it was read, at byte ${start}`);
    return read;
  };
  return { byteLength: size, part, slice: (start, end = size) => copied(part(start, end)) };
};

/** The parser wants a buffer that holds exactly these bytes. */
const copied = (bytes: Uint8Array): ArrayBuffer => {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
};

const footerOf = (path: string, bytes: FileBytes): FileMetaData => {
  const footer = footerBytes(path, bytes);
  checkFooterBytes(footer.subarray(0, -TAIL));
  const metadata = parquetMetadata(copied(footer), { geoparquet: false, parsers: EXACT });
  checkFooter(metadata, bytes.byteLength);
  return metadata;
};

/** Bytes after the footer: its length, and the mark of a Parquet file. */
const TAIL = 8;

/** A file's footer, its length and mark included. */
export const footerBytes = (path: string, { byteLength, part }: FileBytes): Uint8Array => {
  if (byteLength < 12) throw corrupt(path, 'too short for a Parquet file');
  const last = part(Math.max(0, byteLength - FOOTER), byteLength);
  const tail = new DataView(last.buffer, last.byteOffset + last.length - TAIL, TAIL);
  const length = tail.getUint32(0, true) + TAIL;
  if (length > byteLength) throw corrupt(path, 'the footer is longer than the file');
  return length <= last.length ? last.subarray(last.length - length) : part(byteLength - length, byteLength);
};

const MARK = 'PAR1';

/** A copy of a footer without its length and mark; null where it does not end with that of Parquet. */
export const markedFooter = (footer: Uint8Array): Uint8Array | null =>
  Buffer.from(footer.subarray(footer.length - MARK.length)).toString('latin1') === MARK
    ? footer.slice(0, -TAIL)
    : null;

/** Blames the file for whatever the parser trips over, but for what is known not to be read here. */
export const parsing = async <A>(path: string, body: () => Promise<A>): Promise<A> => {
  try {
    return await body();
  } catch (error) {
    if (isFileSystemError(error) || asPersistenceError(error) !== null) throw error;
    if (error instanceof NotSupported) throw notSupported(path, error.message);
    throw corrupt(path, `not readable as Parquet: ${error instanceof Error ? error.message : String(error)}`);
  }
};
