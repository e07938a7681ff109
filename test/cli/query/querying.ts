import type { Either } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { duckdbQueryEngine } from '../../../src/adapters/duckdb/duckdb-query-engine.js';
import type {
  ContentFormat,
  QueryAnswer,
  QueryContent,
  QueryFailed,
} from '../../../src/ports/query-engine.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

async function* content(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const gathered = ({ columns, batches }: QueryAnswer) =>
  TE.rightTask<never, unknown>(async () => {
    const rows = [];
    for await (const batch of batches) rows.push(...batch);
    return { columns, rows };
  });

export interface Asking {
  readonly path?: string;
  readonly workspace?: string;
  readonly memoryLimit?: string;
}

/** Asks the engine about a table "source"; contents are strings, or files. */
export const ask = (
  format: ContentFormat,
  contents: readonly (string | { readonly file: string })[],
  sql: string,
  { path, workspace, memoryLimit = '256MB' }: Asking = {},
): Promise<Either<QueryFailed, unknown>> =>
  duckdbQueryEngine.query<never, unknown>(
    {
      sql,
      tables: () =>
        TE.right([
          {
            name: 'source',
            ...(path === undefined ? {} : { path }),
            format,
            contents: contents.map(
              (given): QueryContent => (typeof given === 'string' ? content(given) : given),
            ),
          },
        ]),
      signal: new AbortController().signal,
      workspace: workspace ?? temporaryFolder('pond-query-test-'),
      memoryLimit,
    },
    gathered,
  )();
