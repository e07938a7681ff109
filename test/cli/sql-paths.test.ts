import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PondResult } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';

let folder = '';
const run = (args: readonly string[], input?: string): Promise<PondResult> =>
  callPond(args, { pond: join(folder, 'P'), ...(input === undefined ? {} : { input }) });
const rows = async (...args: readonly string[]): Promise<unknown> => {
  const { stdout, stderr } = await run(['sql', ...args, '--json']);
  try {
    return JSON.parse(stdout);
  } catch {
    return `${stdout}${stderr}`;
  }
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-sql-'));
  await run(['init']);
  for (const [path, text] of [
    ['/week/48/mon.csv', 'day,v\n1,10\n'],
    ['/week/48/tue.csv', 'day,v\n2,20\n'],
    ['/week/48/also-tue.csv', 'day,v\n2,20\n'],
    ['/week/48/x/deep.csv', 'v,day,w\n30,3,x\n'],
    ['/in/odd.txt', 'a;b\n1;x\n2;y\n'],
    ['/in/ragged.csv', 'a,b\n1,2\n3,4,5\n'],
    ['/in/lines.json', '{"a":[1,2],"s":{"n":3}}\n'],
  ] as const)
    await run(['copy', '-', path], text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('pond sql', () => {
  it('takes a pattern for all files that it matches, by name, with the column filename', async () => {
    expect(await rows("SELECT filename, day, v, w FROM '/week/48/**/*.csv' ORDER BY day, filename")).toEqual([
      { filename: '/week/48/mon.csv', day: 1, v: 10, w: null },
      { filename: '/week/48/also-tue.csv', day: 2, v: 20, w: null },
      { filename: '/week/48/tue.csv', day: 2, v: 20, w: null },
      { filename: '/week/48/x/deep.csv', day: 3, v: 30, w: 'x' },
    ]);
    expect(await rows("SELECT * FROM '/none/*.csv'")).toMatchObject({
      error: { message: expect.stringContaining('/none/*.csv matches no file in the pond') },
    });
  });

  it('looks into each file of a union by name once, and asks of its rows only what the query asks', async () => {
    const call = "read_csv('/week/48/**/*.csv', union_by_name = true)";
    expect(
      await rows(
        `SELECT sum(v)::INT AS v, count(w)::INT AS w, (SELECT count(*)::INT FROM duckdb_tables()) AS taken_in FROM ${call}`,
      ),
    ).toEqual([{ v: 80, w: 1, taken_in: 1 }]);
    const plan = JSON.stringify(await rows(`EXPLAIN SELECT v FROM ${call}`));
    expect(plan).toContain('READ_CSV');
    // A value that does not fit its column is the concern of who asks for that column.
    for (const [name, last] of [
      ['a', '3'],
      ['b', 'none'],
    ])
      await run(['copy', '-', `/late/${name}.csv`], `id,v\n1,1\n2,2\n3,${last}\n`);
    const late = "read_csv('/late/*.csv', union_by_name = true, types = {'v': 'BIGINT'})";
    expect(await rows(`SELECT sum(id)::INT AS id FROM ${late}`)).toEqual([{ id: 12 }]);
    expect(await rows(`SELECT sum(v) FROM ${late}`)).toMatchObject({
      error: { message: expect.stringMatching(/\/late\/b\.csv/) },
    });
  });

  it("gives DuckDB's readers the pond's files, with their options", async () => {
    expect(
      await rows(
        "SELECT r.b FROM read_csv('/in/odd.txt', delim = ';', types = {'a': 'VARCHAR'}) r WHERE a = '2'",
      ),
    ).toEqual([{ b: 'y' }]);
    // Quotes of any kind, and comments, end where the engine says that they do.
    expect(
      await rows(
        "SELECT b FROM read_csv(/* it's ( */ '/in/odd.txt', delim = $$;$$, -- isn't )\n types = {'a': E'VARCH\\x41R'}) WHERE a = '2'",
      ),
    ).toEqual([{ b: 'y' }]);
    expect(await rows("EXPLAIN /* ( */ (SELECT v FROM '/week/48/mon.csv')")).not.toMatchObject({ error: {} });
    expect(
      await rows(
        "SELECT filename, sum(v)::INT AS v FROM read_csv(['/week/48/mon.csv', '/week/48/t*.csv'], filename = true) GROUP BY 1 ORDER BY 1",
      ),
    ).toEqual([
      { filename: '/week/48/mon.csv', v: 10 },
      { filename: '/week/48/tue.csv', v: 20 },
    ]);
    expect(
      await rows(
        "SELECT count(*)::INT AS n FROM read_json('/in/lines.json') JOIN '/week/48/mon.csv' ON true",
      ),
    ).toEqual([{ n: 1 }]);
    for (const query of [
      "SELECT * FROM read_csv('/etc/passwd')",
      "SELECT * FROM read_csv('/in/' || 'odd.txt')",
      "SELECT * FROM read_text('/in/odd.txt')",
    ])
      expect(await rows(query)).toMatchObject({ error: {} });
  });

  it('takes a query from a file, and values of its parameters', async () => {
    const file = join(folder, 'q.sql');
    writeFileSync(file, "SELECT v FROM '/week/48/mon.csv' WHERE day = $day AND $text = 'a b'\n");
    expect(await rows('--file', file, '--param', 'day=1', '--param', 'text=a b')).toEqual([{ v: 10 }]);
    expect((await run(['sql', 'SELECT 1', '--file', file])).code).toBe(2);
    expect((await run(['sql', 'SELECT 1', '--param', 'x'])).code).toBe(2);
  });

  it('refuses a query that is not UTF-8, with its line: no byte of it is replaced', async () => {
    const file = join(folder, 'latin1.sql');
    writeFileSync(file, Buffer.from("SELECT 'a'\n  || 'Z\xfcrich' AS city\n", 'latin1'));
    const { code, stderr } = await run(['sql', '--file', file]);
    expect(code).toBe(2);
    expect(stderr).toContain(`the query in ${file} is not UTF-8: line 2`);
  });

  it('shows whole numbers as numbers wherever they stand, and times in UTC', async () => {
    expect(await rows("SELECT a, s, 9007199254740993 AS big FROM '/in/lines.json'")).toEqual([
      { a: [1, 2], s: { n: 3 }, big: '9007199254740993' },
    ]);
    expect(
      await rows("SELECT [1::BIGINT, 2] AS l, {'a': 1::HUGEINT} AS s, MAP {'k': 1::BIGINT} AS m"),
    ).toEqual([{ l: [1, 2], s: { a: 1 }, m: [{ key: 'k', value: 1 }] }]);
    expect(await rows("SELECT TIMESTAMPTZ '2026-07-01 12:00:00+02'::VARCHAR AS t")).toEqual([
      { t: '2026-07-01 10:00:00+00' },
    ]);
  });

  it('refuses a ragged CSV with its line and its path, and several statements', async () => {
    expect(await rows("SELECT * FROM '/in/ragged.csv'")).toMatchObject({
      error: { message: expect.stringMatching(/Line: 3[\s\S]*/) },
    });
    expect(JSON.stringify(await rows("SELECT * FROM '/in/ragged.csv'"))).not.toContain('control/queries');
    expect(await rows('SELECT 1; SELECT 2')).toMatchObject({
      error: { message: expect.stringContaining('several statements') },
    });
  });
});
