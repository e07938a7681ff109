import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { SeriesColumn, SeriesContract } from '../domain/series/series-contract.js';
import type { TinyFsError } from './errors.js';
import type { PersistenceError, StoredStream } from './persistence.js';
import type { Version } from './tinyfs.js';

/** A content of which any part can be read. */
export interface ByteRanges {
  /** Bytes. */
  readonly size: number;
  readonly read: (offset: number, length: number) => Either<PersistenceError, Uint8Array>;
}

/** Facts that a content tells about itself. */
export interface TableFacts {
  /** Its columns, those of nested ones as part of their type. */
  readonly columns: readonly SeriesColumn[];
  /** It has no rows. */
  readonly isEmpty: boolean;
  /** The smallest and the largest value of a column of times or plain integers: times in nanoseconds. */
  readonly extremes: (
    column: string,
  ) => TaskEither<TinyFsError, { readonly min: bigint; readonly max: bigint } | null>;
}

/** A version of a series with its content. */
export interface SeriesPart extends Version {
  readonly content: StoredStream;
}

/** A series as it is read. */
export interface SeriesToRead {
  /** Its path, for errors. */
  readonly path: string;
  readonly contract: SeriesContract;
  /** Its versions, oldest first: two or more, or one whose rows may have to be put in order. */
  readonly parts: readonly SeriesPart[];
}

/**
 * Understanding of the contents of series. Given to TinyFS by the steward, which knows their format; without it versions
 * are any bytes, and are read one after another.
 */
export interface SeriesFormat {
  /** Looks at a content; `NotParquet` where it is not a table. `path` is for errors. */
  readonly inspect: (content: ByteRanges, path: string) => TaskEither<TinyFsError, TableFacts>;
  /** All rows of a series as one content, in the order of their times. */
  readonly whole: (series: SeriesToRead) => StoredStream;
}
