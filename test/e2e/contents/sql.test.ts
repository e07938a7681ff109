import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPond, type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
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

  it('works with options of Node that name files of the directory in which it is called', async () => {
    const workingDirectory = join(pond.pond, '..');
    writeFileSync(join(workingDirectory, 'loaded.cjs'), '');
    const answer = await runPond(['sql', 'SELECT 42 AS answer', '--format', 'csv'], {
      pond: pond.pond,
      workingDirectory,
      env: { NODE_OPTIONS: '--require ./loaded.cjs' },
    });
    expect(answer).toEqual({ code: 0, stdout: 'answer\n42\n', stderr: '' });
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
      expect((await pond.run(['sql', query], { expect: 1 })).stderr).toMatch(
        /not permitted|only queries|there is nothing at that path/,
      );
      expect(existsSync('/tmp/pond-sql-leak.csv')).toBe(false);
    },
  );

  it('that fails is recorded with what was wrong, in words', async () => {
    await pond.run(['sql', 'SELECT nope FROM nodes'], { expect: 1 });
    const [newest] = JSON.parse(
      (
        await pond.run([
          'sql',
          '--json',
          'SELECT error_message FROM control_table WHERE error_message NOT NULL ORDER BY record_id DESC LIMIT 1',
        ])
      ).stdout,
    );
    expect(newest.error_message).toContain('"nope" not found');
    expect(newest.error_message).not.toContain('{');
  });

  it('takes the name of a content, and not of a temporary file, when it complains', async () => {
    await pond.run(['copy', '-', '/in/ragged.csv'], {
      input: `a,b\n${'1,2\n'.repeat(30_000)}1,2,3\n`,
      expect: 3,
    });
    const { stderr } = await pond.run(['sql', "SELECT sum(a) FROM '/in/ragged.csv'"], { expect: 1 });
    expect(stderr).toContain('/in/ragged.csv');
    expect(stderr).not.toMatch(/_blobs|control\/queries|pond-query|ignore_errors/);
  });

  it('reads large contents where they are, with bounded memory, and leaves no temporary file', async () => {
    await pond.run(['copy', '-', '/in/large.csv'], { input: `n\n${'12345\n'.repeat(100_000)}`, expect: 3 });
    const sql =
      "SELECT count(*) AS c FROM (SELECT DISTINCT n || repeat('x', 50) || row_number() OVER () FROM '/in/large.csv')";
    expect(await rowsOf(sql, '--memory-limit', '192MB')).toEqual([{ c: 100_000 }]);
    expect(readdirSync(join(pond.pond, 'control/queries'))).toEqual([]);
    expect((await pond.run(['sql', sql, '--memory-limit', 'lots'], { expect: 2 })).stderr).toContain('512MB');
  });

  it('that was killed leaves nothing that the next command does not remove', async () => {
    const queries = join(pond.pond, 'control/queries');
    const left = join(queries, '0189d7a1-0000-4000-8000-000000000001');
    mkdirSync(join(left, 'overflow'), { recursive: true });
    writeFileSync(`${left}.lock`, '');
    writeFileSync(join(left, 'overflow/duckdb_temp_storage.tmp'), 'x'.repeat(1000));
    await pond.run(['list']);
    expect(readdirSync(queries)).toEqual([]);
  });
});

it('files of a reader that have other columns are named, with what takes the columns of all', async () => {
  await pond.run(['copy', '-', '/drift/1.csv'], { input: 'id,v,extra\n1,10,x\n', expect: 3 });
  await pond.run(['copy', '-', '/drift/2.csv'], { input: 'id,v\n2,20\n', expect: 3 });
  const { stderr } = await pond.run(['sql', "FROM read_csv('/drift/*.csv')"], { expect: 1 });
  expect(stderr).toContain(
    '/drift/2.csv has other columns than /drift/1.csv: Column with name: "extra" is missing\n  try: union_by_name = true',
  );
  expect(stderr).not.toContain('Fixes');
  expect(
    await rowsOf("SELECT id, extra FROM read_csv('/drift/*.csv', union_by_name = true) ORDER BY id"),
  ).toEqual(await rowsOf("SELECT id, extra FROM '/drift/*.csv' ORDER BY id"));
});

describe('what is compressed', () => {
  it('is read as its name says, beside what is not, by path, pattern and reader', async () => {
    const gz = join(pond.host, 'gz');
    mkdirSync(gz);
    const lines = { 'a.csv.gz': 'id,v\n1,10\n', 'b.csv.gz': 'id,v\n2,20\n', 'c.jsonl.gz': '{"id":3}\n' };
    for (const [name, text] of Object.entries(lines)) writeFileSync(join(gz, name), gzipSync(text));
    writeFileSync(join(gz, 'd.csv.br'), brotliCompressSync('id,v\n3,30\n'));
    writeFileSync(join(gz, 'e.csv'), 'id,v\n4,40\n');
    await pond.run(['copy', '-r', `host://${gz}`, '/gz'], { expect: 3 });
    const all = [1, 2, 3, 4].map((id) => ({ id, v: id * 10 }));
    for (const from of ["'/gz/*.csv*'", "read_csv('/gz/*.csv*')", "read_csv(['/gz/?.csv.??', '/gz/e.csv'])"])
      expect(await rowsOf(`SELECT id, v FROM ${from} ORDER BY id`)).toEqual(all);
    expect(await rowsOf("SELECT filename FROM read_csv('/gz/*.csv*', filename = true) ORDER BY id")).toEqual(
      ['a.csv.gz', 'b.csv.gz', 'd.csv.br', 'e.csv'].map((name) => ({ filename: `/gz/${name}` })),
    );
    expect(await rowsOf("FROM read_json('/gz/c.jsonl.gz')")).toEqual([{ id: 3 }]);
    expect(await rowsOf("FROM '/gz/a.csv.gz'")).toEqual([{ id: 1, v: 10 }]);
    const said = "FROM read_csv('/gz/a.csv.gz', delim = ',', compression = 'gzip', header = false)";
    expect(await rowsOf(said)).toHaveLength(2);
    await pond.run(['copy', '/gz/a.csv.gz', `host://${pond.host}/a.csv`]);
    expect(readFileSync(join(pond.host, 'a.csv'), 'utf8')).toBe(lines['a.csv.gz']);
    await pond.run(
      ['mknod', 'sql-derived', '/derived/all.csv', '--config', `sql: "FROM '/gz/*.csv*' ORDER BY id"`],
      {
        expect: 3,
      },
    );
    expect(await rowsOf("SELECT id, v FROM '/derived/all.csv'")).toEqual(all);
  });

  it('is never read by half, and told as compressed where its name does not say so', async () => {
    const whole = gzipSync(
      `id,v\n${Array.from({ length: 5_000 }, (_, id) => `${id},${Math.sqrt(id)}\n`).join('')}`,
    );
    mkdirSync(join(pond.host, 'bad'));
    writeFileSync(join(pond.host, 'bad/cut.csv.gz'), whole.subarray(0, whole.length / 2));
    writeFileSync(join(pond.host, 'bad/plain.csv.gz'), 'id\n1\n');
    writeFileSync(join(pond.host, 'bad/whole.csv'), whole);
    await pond.run(['copy', '-r', `host://${pond.host}/bad`, '/bad'], { expect: 3 });
    const problem = async (sql: string) => (await pond.run(['sql', sql], { expect: 1 })).stderr;
    for (const from of [
      "'/bad/cut.csv.gz'",
      "read_csv('/bad/cut.csv.gz')",
      "read_csv('/bad/cut.csv.gz', compression = 'gzip')",
    ])
      expect(await problem(`SELECT count(*) FROM ${from}`)).toContain(
        '/bad/cut.csv.gz: it is not whole gzip',
      );
    expect(await problem("FROM '/bad/plain.csv.gz'")).toContain('/bad/plain.csv.gz: it is not whole gzip');
    for (const from of ["'/bad/whole.csv'", "read_csv('/bad/whole.csv')"])
      expect(await problem(`FROM ${from}`)).toMatch(
        /\/bad\/whole\.csv is compressed by gzip, which its name does not say\n.*try: read_csv\('\/bad\/whole\.csv', compression = 'gzip'\)/,
      );
    expect(await problem("FROM read_csv('/bad/whole.csv', compression = 'lzma')")).toContain("'gzip'");
    const rows = "SELECT count(*) AS n FROM read_csv('/bad/whole.csv', compression = 'gzip')";
    expect(await rowsOf(rows)).toEqual([{ n: 5_000 }]);
  });
});
