import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Compression } from '../domain/documents/compression.js';
import { steps } from '../effects/steps.js';
import type { ContentFormat, QueryFailed } from '../ports/query-engine.js';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { Entry, PondReader } from '../tinyfs/tinyfs.js';
import type { NotATable } from './content-format.js';
import { type ContentTable, contentTable } from './content-table.js';

/** Name that a query gives a table: a path of the pond, or a pattern, read in the format that its reader says. */
export interface PathWanted {
  readonly name: string;
  readonly paths: readonly string[];
  readonly format?: ContentFormat | undefined;
  /** Compression that its reader says. */
  readonly compression?: Compression | 'none' | null | undefined;
}

type Reading = Pick<PondReader, 'stat' | 'versions' | 'read' | 'series' | 'collectMatches'>;

/**
 * A path, or all files that a pattern matches, as one table; of several files it has the column `filename`. A path that
 * exists is meant itself, even if it could be a pattern.
 */
export const pathTable = (
  fs: Reading,
  { name, paths, format, compression }: PathWanted,
): TE.TaskEither<TinyFsError | NotATable | QueryFailed, ContentTable> =>
  steps(async ({ run, fail }) => {
    const tables: ContentTable[] = [];
    const wanted = { name, format, compression, together: true };
    let isPattern = paths.length > 1;
    for (const path of paths) {
      const found = await fs.stat(path)();
      if (found._tag === 'Right') {
        tables.push(await run(contentTable(fs, { ...wanted, path })));
        continue;
      }
      const isMissing = found.left._tag === 'PathNotFound' || found.left._tag === 'NotADirectory';
      if (!isMissing || !/[*?[\]{}]/.test(path)) return fail(found.left);
      isPattern = true;
      const files = (await run(fs.collectMatches(path))).entries.filter(isFile);
      if (files.length === 0)
        return fail({ _tag: 'QueryFailed', message: `${path} matches no file in the pond` });
      for (const file of files) tables.push(await run(contentTable(fs, { ...wanted, path: file.path })));
    }
    const [first] = tables;
    if (first !== undefined && !isPattern) return first;
    const formats = [...new Set(tables.map((table) => table.format))];
    if (first === undefined || formats.length > 1)
      return fail({
        _tag: 'QueryFailed',
        message: `${paths.join(', ')} matches files of several kinds (${formats.join(', ')}), which make no one table`,
      });
    return {
      name,
      path: paths.join(', '),
      format: first.format,
      contents: tables.flatMap(({ contents }) => contents),
      filenames: tables.flatMap(({ path, contents }) => contents.map(() => path ?? name)),
    };
  });

const isFile = ({ entryType }: Entry): boolean =>
  entryType === 'file' || entryType === 'table' || entryType === 'series' || entryType === 'file:dynamic';
