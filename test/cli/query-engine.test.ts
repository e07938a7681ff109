import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { duckdbQueryEngine } from '../../src/adapters/duckdb/duckdb-query-engine.js';
import type { ContentFormat, QueryAnswer } from '../../src/ports/query-engine.js';

async function* content(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const gathered = ({ columns, batches }: QueryAnswer) =>
  TE.rightTask<never, unknown>(async () => {
    const rows = [];
    for await (const batch of batches) rows.push(...batch);
    return { columns, rows };
  });

const ask = (format: ContentFormat, contents: readonly string[], sql: string) =>
  duckdbQueryEngine.query(
    {
      sql,
      tables: () => TE.right([{ name: 'source', format, contents: contents.map(content) }]),
      signal: new AbortController().signal,
    },
    gathered,
  )();

const CSV = 'a,b\n1,x\n2,y\n';

describe('a query over a content', () => {
  it('finds CSV and JSON as the table "source"', async () => {
    expect(await ask('csv', [CSV], 'SELECT sum(a) AS s, count(*) AS n FROM source')).toEqual(
      E.right({ columns: ['s', 'n'], rows: [[3, 2]] }),
    );
    expect(await ask('json', ['{"a":1}\n{"a":2}\n'], 'SELECT a FROM source ORDER BY a DESC')).toEqual(
      E.right({ columns: ['a'], rows: [[2], [1]] }),
    );
  });

  it('finds several contents one after another, their columns matched by name', async () => {
    const answer = await ask(
      'csv',
      [CSV, 'b,c\nz,9\n'],
      'SELECT count(*) AS n, max(b) AS b, max(c) AS c FROM source',
    );
    expect(answer).toEqual(E.right({ columns: ['n', 'b', 'c'], rows: [[3, 'z', 9]] }));
  });

  it('keeps numbers that JavaScript cannot hold exactly as text', async () => {
    const answer = await ask(
      'csv',
      [CSV],
      'SELECT 9007199254740993::BIGINT AS big, 1::BIGINT AS small FROM source LIMIT 1',
    );
    expect(answer).toEqual(E.right({ columns: ['big', 'small'], rows: [['9007199254740993', 1]] }));
  });

  it.each([
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "COPY (SELECT 1) TO '/tmp/pond-query-leak.csv'",
    "ATTACH '/tmp/pond-query-leak.db'",
    'INSTALL httpfs',
    'SET enable_external_access = true',
    "SELECT * FROM 'https://example.org/data.csv'",
  ])('reaches nothing else: %s', async (sql) => {
    expect(await ask('csv', [CSV], sql)).toMatchObject(E.left({ _tag: 'QueryFailed' }));
  });

  it('that fails says why, and leaves nothing behind', async () => {
    const spools = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('pond-query-'));
    const before = await spools();
    expect(await ask('csv', [CSV], 'SELECT nope FROM source')).toMatchObject(
      E.left({ _tag: 'QueryFailed', message: expect.stringContaining('nope') }),
    );
    expect(await ask('parquet', ['no parquet'], 'SELECT 1')).toMatchObject(E.left({ _tag: 'QueryFailed' }));
    expect((await spools()).filter((name) => !before.includes(name))).toEqual([]);
  });
});
