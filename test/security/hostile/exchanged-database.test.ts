// The database that SQLite has opened is the one that stands in the pond, whatever is exchanged there meanwhile.

import {
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { isRight } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import type { SqlDatabases } from '../../../src/ports/sql-database.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const databaseAt = (path: string, name: string): void => {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.exec(`CREATE TABLE own (name); INSERT INTO own VALUES ('${name}')`);
  database.close();
};

/** What somebody does right before and right after SQLite opens a database by its path. */
const intruder: { before: () => void; after: () => void } = {
  before: () => undefined,
  after: () => undefined,
};

// Files of tests share loaded modules: here they are loaded with the intruder, and forgotten.
let betterSqlite: SqlDatabases;
beforeAll(async () => {
  vi.resetModules();
  vi.doMock('better-sqlite3', async (importOriginal) => {
    const { default: Real } = await importOriginal<{ default: typeof Database }>();
    function Watched(path: string, options: Database.Options) {
      intruder.before();
      const database = new Real(path, options);
      intruder.after();
      return database;
    }
    return { default: Object.assign(Watched, { SqliteError: Real.SqliteError }) };
  });
  ({ betterSqlite } = await import('../../../src/adapters/sqlite/better-sqlite.js'));
});
afterAll(() => {
  vi.doUnmock('better-sqlite3');
  vi.resetModules();
});

const open = (folder: string) => betterSqlite.open(join(folder, 'control.db'), { create: false })();

it.each([
  ['and takes away again', true],
  ['and leaves there', false],
])('is not one behind a link that somebody puts there while it is opened, %s', (_, putsBack) => {
  const folder = temporaryFolder('exchanged');
  const path = join(folder, 'control.db');
  const victim = join(folder, 'victim.db');
  databaseAt(path, 'own');
  databaseAt(victim, 'victim');
  const before = readFileSync(victim);
  intruder.before = () => {
    renameSync(path, `${path}.kept`);
    symlinkSync(victim, path);
  };
  intruder.after = () => {
    if (!putsBack) return;
    unlinkSync(path);
    renameSync(`${path}.kept`, path);
  };
  onTestFinished(() => void Object.assign(intruder, { before: () => undefined, after: () => undefined }));
  const opened = open(folder);
  // Where the system does not tell what is open, one that was put back is not noticed.
  const isTold = existsSync('/proc/self/fd');
  expect(isRight(opened)).toBe(putsBack && !isTold);
  if (!isRight(opened)) expect(opened.left).toMatchObject({ code: 'UNSAFE_FILE' });
  expect(readFileSync(victim).equals(before)).toBe(true);
  expect(statSync(`${victim}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
});

it.each(['-wal', '-shm'])('has no %s behind a link', (suffix) => {
  const folder = temporaryFolder('exchanged');
  const victim = join(folder, 'victim');
  databaseAt(join(folder, 'control.db'), 'own');
  writeFileSync(victim, '');
  intruder.before = () => symlinkSync(victim, join(folder, `control.db${suffix}`));
  onTestFinished(() => void Object.assign(intruder, { before: () => undefined }));
  expect(open(folder)).toMatchObject({ left: { _tag: 'SqlError' } });
  expect(suffix === '-wal' ? readFileSync(victim, 'utf8') : '').toBe('');
});

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

it.each(['exchanged', 'removed'])('is used no longer once it was %s, be it to write or to read', (how) => {
  const folder = temporaryFolder('exchanged-later');
  const path = join(folder, 'control.db');
  databaseAt(path, 'own');
  databaseAt(join(folder, 'other.db'), 'other');
  const opened = open(folder);
  if (!isRight(opened)) throw new Error(opened.left._tag);
  const { right: database } = opened;
  const names = () => database.query('SELECT name FROM own')();
  expect(names()).toMatchObject({ right: [{ name: 'own' }] });
  const before = statSync(path);
  if (how === 'removed') unlinkSync(path);
  else renameSync(join(folder, 'other.db'), path);
  const refused = {
    left: { code: 'UNSAFE_FILE', message: expect.stringContaining('start it again') },
  };
  const insert = database.transaction('durable', ({ run }) => run("INSERT INTO own VALUES ('lost')"));
  for (const outcome of [names(), insert(), database.snapshot((all) => all('SELECT 1'))()])
    expect(outcome).toMatchObject(refused);
  database.close();
  if (how === 'exchanged') {
    const other = new Database(path, { readonly: true });
    expect(other.prepare('SELECT name FROM own').pluck().all()).toEqual(['other']);
    other.close();
    expect(statSync(path).ino).not.toBe(before.ino);
  }
});
