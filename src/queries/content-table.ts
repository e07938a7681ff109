import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
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
  steps(async ({ run, take, fail }) => {
    const entry = await run(fs.stat(path));
    if (entry.entryType === 'directory' || entry.entryType === 'directory:dynamic')
      return fail({ _tag: 'IsADirectory', path });
    const format = take(contentFormat(entry));
    if (entry.entryType !== 'series' || version !== undefined) {
      const content = await run(fs.read(path, version === undefined ? {} : { version }));
      return { name, path, format, contents: [content] };
    }
    const contents: ByteStream[] = [];
    for (const { version: each, txnSeq } of await run(fs.versions(path))) {
      if (txnSeq >= since) contents.push(await run(fs.read(path, { version: each })));
    }
    return { name, path, format, contents };
  });
