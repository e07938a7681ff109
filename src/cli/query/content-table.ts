import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import type { CliError } from '../errors.js';
import type { ContentTable } from './answer-query.js';
import { contentFormat } from './content-format.js';

/** A content as a table of a query: the versions of a series are so many files, everything else is one. */
export const contentTable = (
  fs: PondReader,
  {
    name,
    path,
    version,
  }: { readonly name: string; readonly path: string; readonly version?: number | undefined },
): TE.TaskEither<CliError, ContentTable> =>
  pipe(
    TE.Do,
    TE.bindW('entry', () => fs.stat(path)),
    TE.bindW('contents', ({ entry }) =>
      entry.entryType === 'series' && version === undefined
        ? pipe(
            fs.versions(path),
            TE.flatMap(TE.traverseSeqArray((each) => fs.read(path, { version: each.version }))),
          )
        : pipe(
            fs.read(path, version === undefined ? {} : { version }),
            TE.map((content) => [content]),
          ),
    ),
    TE.bindW('format', ({ entry }) => TE.fromEither(contentFormat(entry))),
    TE.map(({ format, contents }) => ({ name, path, format, contents })),
  );
