import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import { commit, must, run, start, task } from './steps.js';
import { openTable, temporaryDirectory } from './table.js';

const document = readFileSync(new URL('../../docs/control-table.md', import.meta.url), 'utf8');

test('the three queries of docs/control-table.md find exactly the tasks that they promise', async () => {
  const [neverStarted, neverEnded, failed] = [...document.matchAll(/```sql\n(.*?);\n```/gs)].map(
    ([, query]) => query ?? '',
  );
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await run(table, 'r');
  const tasks = ['waits', 'runs', 'fails', 'completes', 'rolls-back', 'is-retried', 'is-skipped'].map(
    (name, index) => task(index + 1, `/${name}`),
  );
  const claims = await commit(table, 1, [...tasks, task(8, '/rejected', 'bad')], 'r');
  const [, runs, fails, completes, rolls, retried, skipped] = claims;
  if (!runs || !fails || !completes || !rolls || !retried || !skipped) throw new Error('not claimed');
  for (const claim of [runs, fails, completes, rolls, retried]) await start(table, claim);
  const end = { attempt: 1, timestamp: 60, durationMs: 1, errorMessage: 'broken' };
  await must(table.recordPostCommitFailed(fails, { ...end, next: 'release' }));
  await must(table.recordPostCommitCompleted(completes, end));
  await must(table.recordPostCommitRolledBack(rolls, end));
  await must(table.recordPostCommitFailed(retried, { ...end, next: 'retry' }));
  await must(table.recordPostCommitSkipped(skipped, end));

  const database = betterSqlite.open(join(directory, 'control.db'), { create: false })();
  if (database._tag === 'Left') throw new Error('not opened');
  const paths = (query: string | undefined) => {
    const rows = database.right.query(query ?? '')();
    return rows._tag === 'Right' ? rows.right.map((row) => row.config_path) : rows.left;
  };
  expect(paths(neverStarted)).toEqual(['/waits', '/is-retried']);
  expect(paths(neverEnded)).toEqual(['/runs']);
  expect(paths(failed)).toEqual(expect.arrayContaining(['/fails', '/rolls-back', '/rejected']));
  expect(paths(failed)).toHaveLength(3);
  expect((await must(table.findFailedTasks())).map(({ configPath }) => configPath)).toEqual([
    '/fails',
    '/rolls-back',
    '/rejected',
  ]);
  expect((await must(table.findIncompletePostCommitTasks())).map(({ configPath }) => configPath)).toEqual([
    '/waits',
    '/runs',
    '/is-retried',
  ]);
  expect(document).toContain('sqlite3 -readonly');
  database.right.close();
});
