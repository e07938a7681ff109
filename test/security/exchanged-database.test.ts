// The database that SQLite has opened is the one that stands in the pond, whatever is exchanged there meanwhile.

import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { isRight } from 'fp-ts/lib/Either.js';
import { expect, it, onTestFinished } from 'vitest';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const databaseAt = (path: string, name: string): void => {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.exec(`CREATE TABLE own (name); INSERT INTO own VALUES ('${name}')`);
  database.close();
};

/** Puts a link to the victim in the place of the database and takes it away again, as often as it can in a while. */
const ATTACKER = `
const fs = require('node:fs');
const [path, victim] = process.argv.slice(1);
const until = Date.now() + 60_000;
process.stdout.write('begun');
for (let count = 0; count < 2_000_000 && Date.now() < until; count += 1) {
  try {
    fs.renameSync(path, path + '.kept');
    fs.symlinkSync(victim, path);
    fs.unlinkSync(path);
    fs.renameSync(path + '.kept', path);
  } catch {}
}
`;

const ROUNDS = process.env.POND_TEST_SECURITY === 'whole' ? 3_000 : 300;

it('never reads or writes another database through a link that somebody puts there while it is opened', async () => {
  const folder = temporaryFolder('exchanged');
  const path = join(folder, 'control.db');
  const victim = join(folder, 'victim.db');
  databaseAt(path, 'own');
  databaseAt(victim, 'victim');
  const before = readFileSync(victim);
  const attacker = spawn(process.execPath, ['-e', ATTACKER, path, victim], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void attacker.kill('SIGKILL'));
  await new Promise((begun) => attacker.stdout.once('data', begun));
  const read: unknown[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const opened = betterSqlite.open(path, { create: false })();
    if (!isRight(opened)) continue;
    const rows = opened.right.query('SELECT name FROM own')();
    if (isRight(rows)) read.push(rows.right[0]?.name);
    opened.right.transaction('relaxed', ({ run }) => run("INSERT INTO own VALUES ('more')"))();
    opened.right.close();
  }
  expect(new Set(read)).toEqual(read.length === 0 ? new Set() : new Set(['own']));
  expect(readFileSync(victim).equals(before)).toBe(true);
  expect(statSync(`${victim}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
}, 120_000);

it('opens what nobody exchanges, also twice in one process', () => {
  const folder = temporaryFolder('opened');
  const path = join(folder, 'control.db');
  writeFileSync(join(folder, 'beside'), '');
  const first = betterSqlite.open(path, { create: true })();
  const second = betterSqlite.open(path, { create: false })();
  expect([first, second].map(isRight)).toEqual([true, true]);
  for (const opened of [first, second]) if (isRight(opened)) opened.right.close();
  const again = betterSqlite.open(path, { create: false })();
  expect(isRight(again)).toBe(true);
  if (isRight(again)) again.right.close();
});
