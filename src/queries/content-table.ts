import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { QueryTable } from '../ports/query-engine.js';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { ByteStream } from '../tinyfs/persistence.js';
import type { PondReader } from '../tinyfs/tinyfs.js';
import { contentFormat, type NotATable } from './content-format.js';

/** A table whose contents are the pond's. */
export type ContentTable = Omit<QueryTable, 'contents'> & { readonly contents: readonly ByteStream[] };

/** What of a filesystem is read as rows. */
export interface TableWanted {
  /** Name of the table in queries. */
  readonly name: string;
  readonly path: string;
  /** This version alone. */
  readonly version?: number | undefined;
  /** The transaction from which on versions of a series count; default: all of them do. */
  readonly since?: number | undefined;
}

/** A content as a table of a query: the versions of a series are so many files, everything else is one. */
export const contentTable = (
  fs: Pick<PondReader, 'stat' | 'versions' | 'read'>,
  { name, path, version, since = 0 }: TableWanted,
): TE.TaskEither<TinyFsError | NotATable, ContentTable> =>
  pipe(
    TE.Do,
    TE.bindW('entry', () => fs.stat(path)),
    TE.bindW('format', ({ entry }) => TE.fromEither(contentFormat(entry))),
    TE.bindW('contents', ({ entry }) =>
      entry.entryType === 'series' && version === undefined
        ? pipe(
            fs.versions(path),
            TE.map((versions) => versions.filter(({ txnSeq }) => txnSeq >= since)),
            TE.flatMap(TE.traverseSeqArray((each) => fs.read(path, { version: each.version }))),
          )
        : pipe(
            fs.read(path, version === undefined ? {} : { version }),
            TE.map((content) => [content]),
          ),
    ),
    TE.map(({ format, contents }) => ({ name, path, format, contents })),
  );
