import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { duckdbQueryEngine } from '../../src/adapters/duckdb/duckdb-query-engine.js';
import type { QueryFailed, QueryTable, SessionsEngine } from '../../src/ports/query-engine.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const outside = join(temporaryFolder('sessions'), 'outside.csv');

/** Rows of tables that are asked for one after another in one engine, or what is wrong with them. */
const askedOneByOne = async (contents: readonly string[]) => {
  const workspace = temporaryFolder('sessions');
  const bounds = { workspace, memoryLimit: '256MB', signal: new AbortController().signal };
  const tables = contents.map((content, at): QueryTable => {
    const file = content === outside ? outside : join(workspace, `f${at}.csv`);
    if (file !== outside) writeFileSync(file, content);
    return { name: 'source', format: 'csv', path: `/in/f${at}.csv`, contents: [{ file }] };
  });
  const answered = await duckdbQueryEngine.sessions<never, readonly unknown[]>(bounds, (engine) =>
    TE.fromTask(async () => {
      const answers: unknown[] = [];
      for (const [at, table] of tables.entries()) {
        const one = await engine.session<QueryFailed, readonly unknown[]>(
          [table],
          { ...bounds, outputs: at },
          (session) =>
            TE.map(({ rows }: { readonly rows: readonly unknown[] }) => rows)(
              session.rows('SELECT * FROM source'),
            ),
        )();
        answers.push(one._tag === 'Right' ? one.right : one.left.message);
      }
      return answers;
    }),
  )();
  if (answered._tag === 'Left') throw new Error(answered.left.message);
  return answered.right;
};

test('sessions one after another in one engine see each its own table, also after one of them has failed', async () => {
  const [first, broken, other] = await askedOneByOne(['n\n1\n', 'a,b\n1,2\n3\n', 'word\nyes\n']);
  expect(first).toEqual([[1]]);
  expect(broken).toContain('/in/f1.csv');
  expect(other).toEqual([['yes']]);
});

test('a session of such an engine opens nothing outside of the workspace', async () => {
  writeFileSync(outside, 'secret\nyes\n');
  const [inside, refused] = await askedOneByOne(['n\n1\n', outside]);
  expect(inside).toEqual([[1]]);
  expect(refused).toMatch(/may be read|permission|not allowed|disabled/i);
});

/** Columns with types, and rows, of what sessions over CSV files have written as Parquet; or what is wrong with a file. */
const converted = async (contents: readonly string[], how: 'together' | 'one by one') => {
  const workspace = temporaryFolder('sessions');
  const bounds = { workspace, memoryLimit: '256MB', signal: new AbortController().signal };
  const tables = contents.map((content, at): QueryTable => {
    const file = join(workspace, `f${at}.csv`);
    writeFileSync(file, content);
    const csv = { strict: true, types: { id: 'UHUGEINT' } };
    return { name: 'source', format: 'csv', path: `/in/f${at}.csv`, contents: [{ file }], csv };
  });
  const asked = (engine: Pick<SessionsEngine, 'session'>, table: QueryTable, at: number) =>
    engine.session<QueryFailed, unknown>([table], { ...bounds, outputs: 2 * at }, (session) =>
      pipe(
        session.write('SELECT * FROM source', { format: 'parquet' }),
        TE.flatMap(({ file }) =>
          engine.session<QueryFailed, unknown>(
            [{ name: 'written', format: 'parquet', contents: [{ file }] }],
            { ...bounds, outputs: 2 * at + 1 },
            (reading) =>
              pipe(
                TE.Do,
                TE.bind('columns', () => reading.rows('DESCRIBE written')),
                TE.bind('rows', () => reading.rows('FROM written')),
              ),
          ),
        ),
      ),
    );
  const answered = await duckdbQueryEngine.sessions<never, readonly unknown[]>(bounds, (engine) =>
    TE.fromTask(async () => {
      if (how === 'together') await engine.lookThrough(tables)();
      const answers: unknown[] = [];
      for (const [at, table] of tables.entries()) {
        const one = await asked(engine, table, at)();
        answers.push(one._tag === 'Right' ? one.right : one.left.message);
      }
      return answers;
    }),
  )();
  if (answered._tag === 'Left') throw new Error(answered.left.message);
  return answered.right;
};

test('small files that are looked through together become what each becomes by itself, and what is wrong with one is said of it alone', async () => {
  const contents = [
    'a,b\n1,2026-01-01\n2,2026-01-02\n',
    'a,b\n1.5,2026-01-01T00:00:00Z\n',
    'a,b\n99999999999999999999,\n',
    'a,b\n',
    'a,b\n1,2\n3\n',
    'a,b\n"",nan\n1,2.5\n',
    'a;b\n1;true\n',
    'id,b\n340282366920938463463,1\n',
    'id,b\n3,1\n',
    'a,b\nx,y\n',
    '1,b\n2,3\n',
    'a,a\n2,3\n',
    '',
  ];
  const alone = await converted(contents, 'one by one');
  expect(await converted(contents, 'together')).toEqual(alone);
  expect(alone.filter((one) => typeof one === 'string')).toEqual([
    expect.stringContaining('/in/f4.csv'),
    expect.stringContaining('first line'),
    expect.stringContaining('twice'),
    expect.stringContaining('/in/f12.csv'),
  ]);
});
