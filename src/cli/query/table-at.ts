import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { QueryFailed } from '../../ports/query-engine.js';
import { describeNotATable, type NotATable } from '../../queries/content-format.js';
import { type ContentTable, contentTable, type TableWanted } from '../../queries/content-table.js';
import { type PathWanted, pathTable } from '../../queries/path-tables.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import { type CliError, usage } from '../errors.js';

/** Paths and patterns of a query as one table. */
export const pathTableAt = (fs: PondReader, wanted: PathWanted): TE.TaskEither<CliError, ContentTable> =>
  pipe(pathTable(fs, wanted), TE.mapLeft(inWords(null)));

/** A content of the pond as a table of a query. */
export const tableAt = (fs: PondReader, wanted: TableWanted): TE.TaskEither<CliError, ContentTable> =>
  pipe(
    contentTable(fs, wanted),
    TE.mapLeft(inWords('pond cat without --sql and --format prints it as it is')),
  );

/** The error; what cannot be a table is a wrong usage. */
const inWords =
  (remedy: string | null) =>
  (error: TinyFsError | QueryFailed | NotATable): CliError =>
    error._tag === 'NotATable' ? usage(describeNotATable(error), remedy) : error;
