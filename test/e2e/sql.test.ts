import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../support/pond-cli.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond();
  await pond.run(['copy', '-', '/in/a.csv'], { input: 'id,v\n1,10\n2,20\n' });
  await pond.run(['copy', '-', '/in/it is "b".json'], { input: '{"id":2,"w":"x"}\n' });
  await pond.run(['mknod', 'test-executor', '/etc/system.d/10-x', '--config', '{ fail: true, message: no }']);
  await pond.run(['copy', '-', '/in/a.csv'], { input: 'id,v\n1,11\n', expect: 3 });
});
afterAll(() => pond.remove());

const rowsOf = async (...args: readonly string[]): Promise<unknown> =>
  JSON.parse((await pond.run(['sql', ...args, '--json'])).stdout);

describe('pond sql', () => {
  it('finds files by their path, several at once, as of any transaction', async () => {
    const both = `SELECT v, w FROM '/in/a.csv' JOIN "/in/it is ""b"".json" USING (id)`;
    expect(await rowsOf(both)).toEqual([]);
    expect(await rowsOf(both, '--at', '3')).toEqual([{ v: 20, w: 'x' }]);
  });

  it('finds what is in the pond as "nodes"', async () => {
    expect(
      await rowsOf("SELECT path, file_type, version, factory FROM nodes WHERE path LIKE '/%/%'"),
    ).toEqual([
      { path: '/etc/system.d', file_type: 'directory', version: 1, factory: null },
      { path: '/etc/system.d/10-x', file_type: 'file:dynamic', version: 1, factory: 'test-executor' },
      { path: '/in/a.csv', file_type: 'file', version: 2, factory: null },
      { path: '/in/it is "b".json', file_type: 'file', version: 1, factory: null },
    ]);
  });

  it('finds every record as "control_table", with the columns of the control table', async () => {
    const failed = "record_type = 'post_commit_failed'";
    expect(
      await rowsOf(`SELECT parent_txn_seq, config_path, attempt FROM Control_Table WHERE ${failed}`),
    ).toEqual([{ parent_txn_seq: 5, config_path: '/etc/system.d/10-x', attempt: 1 }]);
    const columns = await rowsOf("SELECT name FROM pragma_table_info('transactions') ORDER BY cid");
    const database = new Database(join(pond.pond, 'control/control.db'), { readonly: true });
    const stored = database.prepare("SELECT name FROM pragma_table_info('control_table') ORDER BY cid").all();
    database.close();
    expect(columns).toEqual(stored);
  });

  it('evaluates what needs no table of the pond', async () => {
    expect((await pond.run(['sql', 'SELECT 42 AS answer', '--format', 'csv'])).stdout).toBe('answer\n42\n');
  });

  it('says which path is missing, or is not a table', async () => {
    expect((await pond.run(['sql', "FROM '/in/none.csv'"], { expect: 1 })).stderr).toContain('/in/none.csv');
    expect((await pond.run(['sql', "FROM '/in'"], { expect: 1 })).stderr).toContain('/in is a directory');
    expect((await pond.run(['sql', ' '], { expect: 2 })).stderr).toContain('empty');
    expect((await pond.run(['sql', 'selec'], { expect: 1 })).stderr).toContain('syntax error');
  });

  it.each(["FROM read_csv('/etc/passwd')", "COPY nodes TO '/tmp/pond-sql-leak.csv'", "ATTACH '/tmp/x.db'"])(
    'reaches nothing outside the pond: %s',
    async (query) => {
      expect((await pond.run(['sql', query], { expect: 1 })).stderr).toMatch(/Permission|disabled/);
    },
  );
});
