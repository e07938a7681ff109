import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import type { SqlDatabase } from '../../src/ports/sql-database.js';
import { temporaryDirectory } from '../control/table.js';

const open = (path: string, create = true): SqlDatabase => {
  const opened = betterSqlite.open(path, { create })();
  if (opened._tag === 'Left') throw new Error(opened.left.code);
  onTestFinished(() => opened.right.close());
  return opened.right;
};

const newDatabase = () => {
  const path = join(temporaryDirectory(), 'control', 'a.db');
  const database = open(path);
  database.transaction('durable', ({ run }) => run('CREATE TABLE a (b INTEGER, c TEXT)'))();
  return { path, database };
};

const count = (database: SqlDatabase) => database.query('SELECT count(*) AS n FROM a')();

test('a missing database that is not to be created is SQLITE_CANTOPEN, and nothing is made', () => {
  const path = join(temporaryDirectory(), 'a.db');
  expect(betterSqlite.open(path, { create: false })()).toMatchObject({
    left: { _tag: 'SqlError', code: 'SQLITE_CANTOPEN', path },
  });
  expect(existsSync(path)).toBe(false);
});

test('a file that is not a database is SQLITE_NOTADB', () => {
  const path = join(temporaryDirectory(), 'a.db');
  writeFileSync(path, 'not a database at all, whatever its name says. '.repeat(50));
  expect(betterSqlite.open(path, { create: true })()).toMatchObject({ left: { code: 'SQLITE_NOTADB' } });
});

test('what is there and cannot be opened is told from what is missing', () => {
  const path = join(temporaryDirectory(), 'a.db');
  mkdirSync(path);
  expect(betterSqlite.open(path, { create: false })()).toMatchObject({ left: { code: 'UNSAFE_FILE' } });
});

test('a database is in WAL mode', () => {
  const { database } = newDatabase();
  expect(database.query('PRAGMA journal_mode')()).toEqual({
    _tag: 'Right',
    right: [{ journal_mode: 'wal' }],
  });
});

test('a durable transaction commits with synchronous=FULL, a relaxed one with NORMAL, in any order', () => {
  const { database } = newDatabase();
  const level = (durability: 'durable' | 'relaxed') =>
    database.transaction(durability, ({ run, all }) => {
      run('INSERT INTO a (b) VALUES (1)');
      return all('PRAGMA synchronous')[0]?.synchronous;
    })();
  expect(level('relaxed')).toEqual({ _tag: 'Right', right: 1 });
  expect(level('durable')).toEqual({ _tag: 'Right', right: 2 });
  expect(level('durable')).toEqual({ _tag: 'Right', right: 2 });
  expect(level('relaxed')).toEqual({ _tag: 'Right', right: 1 });
});

test('a statement that fails rolls the whole transaction back and returns its code', () => {
  const { database } = newDatabase();
  const failed = database.transaction('durable', ({ run }) => {
    run('INSERT INTO a (b, c) VALUES (@b, @c)', { b: 1, c: null });
    run('INSERT INTO nowhere VALUES (1)');
  })();
  expect(failed).toMatchObject({ left: { _tag: 'SqlError', code: 'SQLITE_ERROR' } });
  expect(count(database)).toEqual({ _tag: 'Right', right: [{ n: 0 }] });
});

test('whatever else a body throws rolls back as well and passes through', () => {
  const { database } = newDatabase();
  const stop = new Error('stop');
  expect(() =>
    database.transaction('relaxed', ({ run }) => {
      run('INSERT INTO a (b) VALUES (1)');
      throw stop;
    })(),
  ).toThrow(stop);
  expect(count(database)).toEqual({ _tag: 'Right', right: [{ n: 0 }] });
});

test('another connection sees all of a committed transaction and nothing of one that is not', () => {
  const { path, database } = newDatabase();
  const other = open(path, false);
  database.transaction('relaxed', ({ run }) => {
    run('INSERT INTO a (b) VALUES (1)');
    expect(count(other)).toEqual({ _tag: 'Right', right: [{ n: 0 }] });
    run('INSERT INTO a (b) VALUES (@b)', { b: 1_700_000_000_000_001 });
  })();
  expect(other.query('SELECT b FROM a WHERE b > @b', { b: 1 })()).toEqual({
    _tag: 'Right',
    right: [{ b: 1_700_000_000_000_001 }],
  });
});
