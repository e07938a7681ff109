import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
});
afterAll(() => pond.remove());

const status = async () =>
  JSON.parse((await pond.run(['status', '--json'])).stdout) as { readonly last_txn_seq: number };

it.each([
  ['sql-derived', 'sql', 'a query'],
  ['replication-manager', 'remote', 'the name of a remote, such as backup'],
])('an entry of %s is not made with an empty %s', async (factory, key, expected) => {
  for (const value of ['""', '" "']) {
    const { stderr } = await pond.run(['mknod', factory, '/d/a', '--config', `{ ${key}: ${value} }`], {
      expect: 4,
    });
    expect(stderr).toContain(`/d/a: ${key}: expected ${expected}`);
  }
});

it('a path that neither of two states has is not called equal in both', async () => {
  await pond.run(['copy', '-', '/in/a.csv'], { input: 'id\n1\n' });
  await pond.run(['copy', '-', '/in/b.csv'], { input: 'id\n2\n' });
  await pond.run(['rm', '/in/b.csv']);
  const newest = await status();
  for (const more of [[], ['--rows']]) {
    const missing = ['diff', '1', 'latest', '/in/aa.csv', ...more];
    expect((await pond.run(missing, { expect: 1 })).stderr).toContain(
      '/in/aa.csv: there is nothing at that path',
    );
    const there = await pond.run(['diff', String(newest.last_txn_seq - 1), 'latest', '/in/a.csv', ...more]);
    expect(there).toMatchObject({ stdout: '', stderr: '' });
    expect((await pond.run(['diff', '1', 'latest', '/', ...more])).stdout).toContain('/in/a.csv');
  }
});

it('a commit whose directories are all in use is not undone, and that is said', async () => {
  await pond.run(['mkdir', '/kept']);
  const { last_txn_seq: made } = await status();
  await pond.run(['copy', '-', '/kept/a.csv'], { input: 'id\n1\n' });
  const { stderr } = await pond.run(['revert', String(made)]);
  expect(stderr).toContain(
    `nothing was undone: the directories that transaction ${made} made have something in them`,
  );
  expect((await pond.run(['list', '/kept/**'])).stdout).toBe('/kept/a.csv\n');
});
