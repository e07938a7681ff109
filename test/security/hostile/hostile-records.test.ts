// Every column of the control database's tables, with what does not belong there: each command still ends by itself, with words of its own.

import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

const ACTS = /\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/u;
const VALUES = {
  'what repaints a terminal': 'x\u001b[2J\u202e\nforged',
  'a number that JavaScript cannot hold': 9_223_372_036_854_775_807n,
  'bytes that are not a text': Buffer.from([0xff, 0, 0xfe]),
  'more words than anybody reads': 'word '.repeat(40_000),
  'such words in a list': JSON.stringify(['copy', 'word '.repeat(40_000)]),
  'JSON without end': '['.repeat(50_000) + ']'.repeat(50_000),
} as const;
const COMMANDS = [
  ['control'],
  ['status'],
  ['logs', '3.1'],
  ['trace', '3'],
  ['show-post-commit', '3'],
  ['fsck'],
  ['recover', '--dry-run'],
  ['control', 'retry', '3.1'],
];

interface Column {
  readonly table: string;
  readonly column: string;
}

let pond: TempPond;
let columns: readonly Column[];

beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run([
    ...['mknod', 'command', '/etc/system.d/10-fails', '--config'],
    JSON.stringify({ run: ['echo oops; exit 3'], shell: true }),
  ]);
  await pond.run(['copy', '-', '/a.txt'], { input: 'a', expect: 3 });
  const database = new Database(join(pond.pond, 'control/control.db'), { readonly: true });
  const rows = <A>(sql: string) => database.prepare<[], A>(sql).all();
  columns = rows<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
  )
    .filter(({ name }) => rows(`SELECT 1 FROM ${name} LIMIT 1`).length > 0)
    .flatMap(({ name: table }) =>
      rows<{ name: string }>(`PRAGMA table_info(${table})`).map(({ name: column }) => ({ table, column })),
    );
  database.close();
});
afterAll(() => pond.remove());

/** A copy of the pond in whose control database that column has that value, in as many rows as may have it; null: none may. */
const changed = ({ table, column }: Column, value: unknown): string | null => {
  const copy = join(pond.host, 'changed');
  rmSync(copy, { recursive: true, force: true });
  cpSync(pond.pond, copy, { recursive: true });
  const database = new Database(join(copy, 'control/control.db'));
  try {
    database.pragma('ignore_check_constraints = ON');
    const triggers = database
      .prepare<[string], { name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?",
      )
      .all(table);
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
    const has = ['', ` WHERE ${column} = (SELECT max(${column}) FROM ${table})`].some((rows) => {
      try {
        return database.prepare(`UPDATE ${table} SET ${column} = ?${rows}`).run(value).changes > 0;
      } catch (error) {
        // A key, or a column of another type.
        if (error instanceof Database.SqliteError) return false;
        throw error;
      }
    });
    for (const { sql } of triggers) database.exec(sql);
    return has ? copy : null;
  } finally {
    database.close();
  }
};

test.each(Object.entries(VALUES))('%s, in every column', async (_, value) => {
  let tried = 0;
  for (const column of columns) {
    const copy = changed(column, value);
    if (copy === null) continue;
    tried += 1;
    for (const args of COMMANDS) {
      const { stdout, stderr } = await callPond(args, { pond: copy });
      // What is logged is exact, and so is what programs read.
      const words = `${stdout}\n${stderr}`.split('\n').filter((line) => !line.startsWith('{'));
      expect([column, args, words.join('').length < 100_000]).toEqual([column, args, true]);
      for (const line of `${stdout}\n${stderr}`.split('\n')) {
        const isWrong = ACTS.test(line) || /^forged|internal error|TypeError|RangeError/.test(line);
        expect([column, args, line, isWrong]).toEqual([column, args, line, false]);
      }
    }
  }
  expect(tried).toBeGreaterThan(15);
});
