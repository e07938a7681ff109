import { isLeft, left } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import type { FactoryContext } from '../../factories/factory.js';
import type { Query, QueryFailed, QueryRows, QueryTable } from '../../ports/query-engine.js';
import { describeNotATable, type NotATable } from '../../queries/content-format.js';
import type { ContentTable } from '../../queries/content-table.js';
import { type PathWanted, pathTable } from '../../queries/path-tables.js';
import { watchedContents } from '../../queries/watched-contents.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import { isTinyFsError } from '../../tinyfs/thrown-error.js';
import type { PondReader, PondWriter } from '../../tinyfs/tinyfs.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { QueryPondOptions } from '../query-options.js';
import { layout, type Pond } from './pond.js';

/** Memory of the engine for one query: what exceeds it goes to temporary files. */
const MEMORY_LIMIT = '512MB';

/**
 * Evaluates a query over what a filesystem has: paths and patterns in quotes are tables. Its rows are held in memory.
 * Times are in UTC.
 */
export const queryPond =
  (pond: Pick<Pond, 'ports' | 'directory'>, fs: PondReader | PondWriter) =>
  (sql: string, options: QueryPondOptions = {}): TE.TaskEither<PondError, QueryRows> =>
    queryTables(pond, sql, options, (readable) => {
      const read = (wanted: PathWanted) => readable(pathTable(fs, wanted));
      return {
        tables: (names) =>
          pipe(
            names.filter((name) => name.startsWith('/')),
            TE.traverseSeqArray((name) => read({ name, paths: [name] })),
          ),
        reads: read,
      };
    });

/** Makes of a content a table that the engine reads; what ends the content meanwhile is the error of the query. */
type Readable = (
  table: TE.TaskEither<TinyFsError | NotATable | QueryFailed, ContentTable>,
) => TE.TaskEither<PondError, QueryTable>;

/** Evaluates a query over the tables that it is given. */
export const queryTables = (
  { ports, directory }: Pick<Pond, 'ports' | 'directory'>,
  sql: string,
  { params, signal, maxRows = Number.POSITIVE_INFINITY }: QueryPondOptions,
  sources: (readable: Readable) => Pick<Query<PondError>, 'tables' | 'reads'>,
): TE.TaskEither<PondError, QueryRows> =>
  ports.workspaces.use<PondError, QueryRows>(layout(directory).queries, (workspace) => async () => {
    let failure: TinyFsError | null = null;
    const readable: Readable = (found) =>
      pipe(
        found,
        TE.map((table) =>
          watchedContents(table, (thrown) => {
            if (isTinyFsError(thrown)) failure = thrown;
          }),
        ),
        TE.mapLeft((error) => (error._tag === 'NotATable' ? notATable(error) : error)),
      );
    const rows = await ports.queryEngine.query<PondError, QueryRows>(
      {
        sql,
        ...(params === undefined ? {} : { params }),
        ...{ workspace, memoryLimit: MEMORY_LIMIT, signal: signal ?? new AbortController().signal },
        ...sources(readable),
      },
      ({ columns, batches }) =>
        TE.tryCatch(
          async () => {
            const found: (readonly Json[])[] = [];
            for await (const batch of batches) {
              found.push(...batch.slice(0, maxRows - found.length));
              if (found.length >= maxRows) break;
            }
            return { columns, rows: found };
          },
          (thrown) => thrown as QueryFailed,
        ),
    )();
    return isLeft(rows) && failure !== null ? left(failure) : rows;
  });

const notATable = (error: NotATable): QueryFailed => ({
  _tag: 'QueryFailed',
  message: describeNotATable(error),
});

/** The same for a factory: what fails is the factory's own error. */
export const queryForFactory =
  (
    pond: Pick<Pond, 'ports' | 'directory'>,
    fs: PondReader | PondWriter,
    {
      path,
      factory,
      signal,
    }: { readonly path: string; readonly factory: string; readonly signal: AbortSignal },
  ): FactoryContext['query'] =>
  (sql, options = {}) =>
    pipe(
      queryPond(pond, fs)(sql, { ...options, signal }),
      TE.mapLeft((error) => ({ _tag: 'FactoryFailed', path, factory, message: describeError(error) })),
    );
