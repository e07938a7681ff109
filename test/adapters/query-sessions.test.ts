import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { duckdbQueryEngine } from '../../src/adapters/duckdb/duckdb-query-engine.js';
import type { QueryFailed, QueryTable } from '../../src/ports/query-engine.js';
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
