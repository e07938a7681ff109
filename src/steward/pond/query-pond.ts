import { isLeft, left } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import { jsonSize } from '../../domain/documents/json-size.js';
import type { FactoryContext } from '../../factories/factory.js';
import type { Query, QueryFailed, QueryRows, QueryTable, WrittenRows } from '../../ports/query-engine.js';
import { describeNotATable, type NotATable } from '../../queries/content-format.js';
import type { ContentTable } from '../../queries/content-table.js';
import { type PathWanted, pathTable } from '../../queries/path-tables.js';
import { watchedContents } from '../../queries/watched-contents.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import { isTinyFsError } from '../../tinyfs/thrown-error.js';
import type { PondReader, PondWriter } from '../../tinyfs/tinyfs.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { QueryPondOptions } from '../shapes/query-options.js';
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
    queryTables(pond, sql, options, pathsOf(fs));

/** Evaluates such a query and gives its rows to `use` as bytes, while they are computed. Each piece of them is the reader's own. */
export const queryPondAs =
  (pond: Pick<Pond, 'ports' | 'directory'>, fs: PondReader | PondWriter) =>
  <A>(
    sql: string,
    { as, ...options }: Omit<QueryPondOptions, 'maxRows' | 'maxCharacters'> & { readonly as: WrittenRows },
    use: (bytes: ByteStream) => TE.TaskEither<PondError, A>,
  ): TE.TaskEither<PondError, A> =>
    asking(pond, sql, options, pathsOf(fs), (query) =>
      pond.ports.queryEngine.written<PondError, A>(query, as, (bytes) => use(copied(bytes))),
    );

async function* copied(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) yield piece.slice();
}

/** Contents that a query names by their paths, as tables. */
const pathsOf =
  (fs: PondReader | PondWriter): Sources =>
  (readable) => {
    const read = (wanted: PathWanted) => readable(pathTable(fs, wanted));
    return {
      tables: (names) =>
        pipe(
          names.filter((name) => name.startsWith('/')),
          TE.traverseSeqArray((name) => read({ name, paths: [name] })),
        ),
      reads: read,
    };
  };

/** Makes of a content a table that the engine reads; what ends the content meanwhile is the error of the query. */
type Readable = (
  table: TE.TaskEither<TinyFsError | NotATable | QueryFailed, ContentTable>,
) => TE.TaskEither<PondError, QueryTable>;

/** Tables of a query, each made readable. */
type Sources = (readable: Readable) => Pick<Query<PondError>, 'tables' | 'reads'>;

/** Evaluates a query over the tables that it is given. */
export const queryTables = (
  pond: Pick<Pond, 'ports' | 'directory'>,
  sql: string,
  { maxRows = Number.POSITIVE_INFINITY, maxCharacters = MOST_CHARACTERS, ...options }: QueryPondOptions,
  sources: Sources,
): TE.TaskEither<PondError, QueryRows> =>
  asking(pond, sql, options, sources, (query) =>
    pond.ports.queryEngine.query<PondError, QueryRows>(query, ({ columns, batches }) =>
      TE.tryCatch(
        async () => {
          const found: (readonly Json[])[] = [];
          let size = 0;
          for await (const batch of batches) {
            for (const row of batch) size += jsonSize(row);
            if (size > maxCharacters) throw tooMuch(maxCharacters);
            found.push(...batch.slice(0, maxRows - found.length));
            if (found.length >= maxRows) break;
          }
          return { columns, rows: found };
        },
        (thrown) => thrown as QueryFailed,
      ),
    ),
  );

/** Characters of an answer that is in memory as a whole, where nothing else is said. */
const MOST_CHARACTERS = 256 * 1024 * 1024;

const tooMuch = (most: number): QueryFailed => ({
  _tag: 'QueryFailed',
  message: `the answer has more than ${Math.floor(most / 1024 / 1024)} Mi characters`,
  remedy: 'ask for fewer rows or shorter values, or take the answer as a file',
});

/** Gives a query to the engine; where a content could not be read, that is the error. */
const asking = <A>(
  { ports, directory }: Pick<Pond, 'ports' | 'directory'>,
  sql: string,
  { params, signal }: Omit<QueryPondOptions, 'maxRows' | 'maxCharacters'>,
  sources: Sources,
  evaluate: (query: Query<PondError>) => TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> =>
  ports.workspaces.use<PondError, A>(layout(directory).queries, (workspace) => async () => {
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
    const evaluated = await evaluate({
      sql,
      ...(params === undefined ? {} : { params }),
      workspace,
      memoryLimit: MEMORY_LIMIT,
      signal: signal ?? new AbortController().signal,
      ...sources(readable),
    })();
    return isLeft(evaluated) && failure !== null ? left(failure) : evaluated;
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
