import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Compression } from '../domain/documents/compression.js';
import { steps } from '../effects/steps.js';
import type { ContentFormat, QueryFailed, QueryTable } from '../ports/query-engine.js';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { ByteStream, StoredStream } from '../tinyfs/persistence.js';
import type { PondReader, Version } from '../tinyfs/tinyfs.js';
import { compressionOf, contentFormat, type NotATable } from './content-format.js';
import { readingOf } from './series-reading.js';

/**
 * A node of the pond at a snapshot, as the query engine reads it: the files and contents that have its rows, and how these
 * make one table.
 */
export type ContentTable = Omit<QueryTable, 'contents'> & {
  readonly contents: readonly StoredStream[];
  /** Facts about each content of a series, in their order: digests, event times. */
  readonly versions?: readonly Version[];
};

/** Part of a filesystem that is read as rows. */
export interface TableWanted {
  /** Name of the table in queries. */
  readonly name: string;
  readonly path: string;
  /** This version alone. */
  readonly version?: number | undefined;
  /** These versions of a series alone, each as it came. */
  readonly versions?: readonly number[] | undefined;
  /** The transaction from which on versions of a series count; default: all of them do. */
  readonly since?: number | undefined;
  /** True: the versions of a series may come in any number of contents, as long as the rows are theirs, in their order. */
  readonly together?: boolean | undefined;
  /** Format by which it is to be understood; default: as its type or its name says. */
  readonly format?: ContentFormat | undefined;
  /** Compression that a file has, `none` included; default: the one that its name says. */
  readonly compression?: Compression | 'none' | null | undefined;
}

/** A content as a table of a query: the versions of a series are so many files, everything else is one. */
export const contentTable = (
  fs: Pick<PondReader, 'stat' | 'versions' | 'read' | 'series'>,
  {
    name,
    path,
    version,
    versions: some,
    since = 0,
    together = false,
    format: wanted,
    compression = null,
  }: TableWanted,
): TE.TaskEither<TinyFsError | NotATable, ContentTable> =>
  steps(async ({ run, take, fail }) => {
    const entry = await run(fs.stat(path));
    if (entry.entryType === 'directory' || entry.entryType === 'directory:dynamic')
      return fail({ _tag: 'IsADirectory', path });
    const format = wanted ?? take(contentFormat(entry));
    if (entry.entryType !== 'series' || version !== undefined) {
      const content = await run(fs.read(path, version === undefined ? {} : { version }));
      const isPlain = compression === 'none' || entry.entryType === 'table' || entry.entryType === 'series';
      const compressed = isPlain ? null : (compression ?? compressionOf(path));
      return {
        name,
        path,
        format,
        contents: [compressed === null ? content : plainContent(content, path, compressed)],
      };
    }
    const whole: StoredStream | null = together ? await run(fs.read(path)) : null;
    if (whole?.together !== undefined)
      return {
        name,
        path,
        format,
        contents: await whole.together(),
        series: readingOf(await run(fs.series(path))),
      };
    const contents: StoredStream[] = [];
    const versions = (await run(fs.versions(path))).filter(
      ({ txnSeq, version: each }) => txnSeq >= since && (some === undefined || some.includes(each)),
    );
    for (const { version: each } of versions) contents.push(await run(fs.read(path, { version: each })));
    if (some !== undefined) return { name, path, format, contents };
    return { name, path, format, contents, versions, series: readingOf(await run(fs.series(path))) };
  });

/**
 * A compressed content as what it was before: a stream, which the engine gets in a file of its own. What is not whole is an error with
 * its path, where the engine would make do with the rows of the beginning.
 */
export async function* plainContent(
  content: ByteStream,
  path: string,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  const { decompressed, NotDecodable } = await import('./decompressed.js');
  try {
    yield* decompressed(content, compression);
  } catch (thrown) {
    if (!(thrown instanceof NotDecodable)) throw thrown;
    throw { _tag: 'QueryFailed', message: `${path}: ${thrown.message}` } satisfies QueryFailed;
  }
}
