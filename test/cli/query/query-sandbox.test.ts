import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { duckdbQueryEngine } from '../../../src/adapters/duckdb/duckdb-query-engine.js';
import { sampleOf } from '../../support/sample-of.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ask } from './querying.js';
import { REACHING } from './reaching-queries.js';

const CSV = 'a,b\n1,x\n2,y\n';
const SECRET = 'secret_column\nhunter2\n';

/** A folder with a file that no query was given, a link to it, and the query's workspace. */
const host = () => {
  const folder = temporaryFolder('pond-sandbox-');
  const workspace = join(folder, 'workspace');
  const secret = join(folder, 'secret.csv');
  mkdirSync(workspace);
  mkdirSync(join(folder, 'directory.csv'));
  writeFileSync(secret, SECRET);
  symlinkSync(secret, join(folder, 'link.csv'));
  writeFileSync(join(folder, 'given.csv'), CSV);
  return {
    folder,
    workspace,
    secret,
    missing: join(folder, 'missing.csv'),
    given: join(folder, 'given.csv'),
  };
};

/** Everything in a folder, with contents. */
const treeOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isFile() ? `${path}: ${readFileSync(path, 'utf8')}` : path;
    })
    .sort();

describe('a query', () => {
  it.each(sampleOf(REACHING.length).map((at) => [REACHING[at - 1] as string]))(
    'neither opens nor makes a file, and does not tell whether there is one: %s',
    async (sql) => {
      const { folder, workspace, secret, missing } = host();
      const before = treeOf(folder);
      const messageAbout = async (file: string): Promise<string> => {
        const outcome = await ask('csv', [CSV], sql.replaceAll('FILE', file), { workspace });
        if (!isLeft(outcome)) throw new Error(`it was answered: ${JSON.stringify(outcome.right)}`);
        return outcome.left.message.replaceAll(file, 'FILE').replaceAll(/^ *\^$/gm, '');
      };
      const message = await messageAbout(secret);
      expect(message).not.toMatch(/hunter2|secret_column.*(BIGINT|VARCHAR)/);
      expect(await messageAbout(missing)).toBe(message);
      expect(await messageAbout(join(folder, 'directory.csv'))).toBe(message);
      expect(treeOf(folder).filter((path) => !path.startsWith(workspace))).toEqual(
        before.filter((path) => !path.startsWith(workspace)),
      );
    },
  );

  it('opens the files of its tables where they are, and nothing beside or behind them', async () => {
    const { folder, workspace, given, secret } = host();
    const files = [{ file: given }];
    expect(await ask('csv', files, 'SELECT sum(a) AS s FROM source', { workspace })).toMatchObject({
      right: { rows: [[3]] },
    });
    expect(readdirSync(workspace)).toEqual([]);
    for (const other of [secret, join(folder, 'link.csv'), `${given}/../secret.csv`, `${folder}/*.csv`]) {
      expect(isLeft(await ask('csv', files, `FROM source, '${other}'`, { workspace }))).toBe(true);
    }
  });

  it('makes no connection', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    for (const sql of [
      `FROM 'http://127.0.0.1:${port}/x.csv'`,
      `FROM "http://127.0.0.1:${port}/x.parquet"`,
      `DESCRIBE 'http://127.0.0.1:${port}/x.csv'`,
      `PIVOT 'http://127.0.0.1:${port}/x.csv' ON a USING count(*)`,
      `ATTACH 'http://127.0.0.1:${port}/x.db'`,
    ])
      expect(isLeft(await ask('csv', [CSV], sql))).toBe(true);
    expect(connections).toBe(0);
  });

  it.each([
    "SELECT getenv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT system.main.current_setting('home_directory')",
    'SELECT "current_setting"(\'allowed_paths\')',
    'FROM duckdb_settings()',
    'FROM duckdb_settings',
    'FROM pg_settings',
    'FROM duckdb_secrets()',
    'FROM duckdb_extensions()',
    'FROM duckdb_views()',
    'FROM information_schema.views',
    'FROM sqlite_master',
    'PIVOT duckdb_settings() ON name USING first(value)',
    "SET memory_limit = '100GB'",
    'FROM duckdb_databases()',
    'FROM pragma_database_list()',
    'FROM duckdb_temporary_files()',
    'FROM duckdb_logs()',
    "FROM which_secret('s3://x', 's3')",
    'CREATE PERSISTENT SECRET (TYPE s3)',
    'DROP SECRET x',
    'ALTER DATABASE memory SET ALIAS TO x',
    'SET enable_external_access = true',
    'RESET enable_external_access',
    'PRAGMA disable_external_access',
    "SET allowed_directories = ['/']",
    'INSTALL httpfs',
    'LOAD httpfs',
    'UPDATE EXTENSIONS',
    'USE system',
    'DETACH memory',
    'VACUUM',
    'BEGIN',
    'CALL pragma_version()',
  ])('reads and changes no settings, extensions or variables: %s', async (sql) => {
    const outcome = await ask('csv', [CSV], sql);
    if (!isLeft(outcome)) throw new Error(`it was answered: ${JSON.stringify(outcome.right)}`);
    expect(outcome.left.message).not.toMatch(/\/root|\/home|pond-query/);
  });

  it('does not show where its files are, even in its plan', async () => {
    const { given, workspace, folder } = host();
    const plans = [
      'EXPLAIN',
      'EXPLAIN ANALYZE',
      'EXPLAIN (ANALYZE, FORMAT json)',
      'EXPLAIN (ANALYZE, FORMAT html)',
    ];
    for (const plan of plans)
      for (const [scans, query] of [
        'SELECT * FROM source',
        'SELECT * FROM source a CROSS JOIN source b',
      ].entries()) {
        const options = { workspace, path: '/in/given.csv' };
        const answer = await ask('csv', [{ file: given }], `${plan} ${query}`, options);
        // A path may stand in pieces, in boxes below one another.
        const shown = JSON.stringify(answer).replace(/\\n|[\s│]/g, '');
        expect(shown).not.toContain(folder);
        expect(shown).not.toContain(basename(folder));
        const named = shown.split('/in/given.csv').length - 1;
        expect(named).toBe(plan.includes('ANALYZE') ? scans + 1 : 0);
      }
  });

  it('writes no plan, which would name files', async () => {
    for (const format of ['arrow', 'arrow-stream', 'csv', 'parquet', 'json', 'json-array'] as const) {
      const query = {
        sql: 'EXPLAIN ANALYZE SELECT 1',
        tables: () => TE.right([]),
        signal: new AbortController().signal,
        workspace: host().workspace,
        memoryLimit: '256MB',
      };
      const readAll = async (bytes: AsyncIterable<Uint8Array>) => {
        for await (const piece of bytes) piece.at(0);
      };
      const written = duckdbQueryEngine.written<never, void>(query, { format }, (bytes) =>
        TE.rightTask(() => readAll(bytes)),
      );
      expect(await written()).toMatchObject({
        left: { _tag: 'QueryFailed', message: expect.stringMatching(/a plan|"EXPLAIN"/) },
      });
    }
  });

  it('that needs more memory than it may have uses temporary files in its workspace only, and ends', async () => {
    const { folder, workspace } = host();
    const sql =
      "SELECT count(*) FROM (SELECT DISTINCT i::VARCHAR || repeat('x', 100) FROM range(400_000) t(i))";
    expect(await ask('csv', [CSV], sql, { workspace, memoryLimit: '64MB' })).toMatchObject({
      right: { rows: [[400_000]] },
    });
    expect(readdirSync(folder).sort()).toEqual([
      'directory.csv',
      'given.csv',
      'link.csv',
      'secret.csv',
      'workspace',
    ]);
  });
});
