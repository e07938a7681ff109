import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import { withPrivateCopy } from '../../src/adapters/sqlite/private-copy.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import { checkControl } from '../../src/control/check/check-control.js';
import { openControlTable } from '../../src/control/open-control-table.js';
import { CURRENT_SCHEMA, differencesFrom } from '../../src/control/schema/compare-schema.js';
import { STATEMENTS } from '../../src/control/schema/statements.js';
import { openTable, temporaryDirectory } from './table.js';

/** A control table that was closed, changed with another program's rights, and may be opened again. */
const changed = async (change: (database: Database.Database) => void): Promise<string> => {
  const directory = temporaryDirectory();
  (await openTable(directory)).close();
  const database = new Database(join(directory, 'control.db'));
  database.unsafeMode(true);
  database.pragma('writable_schema = ON');
  change(database);
  database.close();
  return directory;
};

const open = (directory: string) =>
  openControlTable({ databases: betterSqlite, locks: sqliteLocks })(directory, 'pond', { create: false })();

const check = (directory: string) =>
  checkControl({ databases: betterSqlite }, join(directory, 'control.db'), {
    file: 'control/control.db',
    quick: false,
  });

describe('a control database from somebody else', () => {
  it.each([
    [
      'a trigger',
      `CREATE TRIGGER evil AFTER INSERT ON control_table BEGIN DELETE FROM plans; END`,
      'evil does not belong there',
    ],
    ['a view', `CREATE VIEW evil AS SELECT load_extension('/tmp/evil.so')`, 'evil does not belong there'],
    ['a table', `CREATE TABLE evil (a)`, 'evil does not belong there'],
    ['a virtual table', `CREATE VIRTUAL TABLE evil USING fts5(a)`, 'evil'],
    ['an index on an expression', `CREATE INDEX evil ON plans (length(plan))`, 'evil does not belong there'],
    [
      'a view in the place of a table',
      `DROP TABLE runners; CREATE VIEW runners AS SELECT 1 AS runner_id`,
      'runners was changed',
    ],
    [
      'meta as a view',
      `DROP TABLE meta; CREATE VIEW meta AS SELECT 'pond' AS pond_id, 2 AS schema_version`,
      'it is not a control table',
    ],
    [
      'a changed trigger',
      `DROP TRIGGER control_table_keeps; CREATE TRIGGER control_table_keeps BEFORE UPDATE ON control_table BEGIN SELECT 1; END`,
      'control_table_keeps was changed',
    ],
    ['a missing trigger', `DROP TRIGGER task_changes`, 'task_changes is missing'],
    [
      'a trigger under a name of SQLite',
      `UPDATE sqlite_schema SET name = 'sqlite_stat1', tbl_name = 'plans' WHERE name = 'groups_of_path'`,
      'sqlite_stat1',
    ],
  ])('with %s is refused before anything of it is used, and is a finding', async (_, statements, problem) => {
    const directory = await changed((database) => database.exec(statements));
    expect(await open(directory)).toMatchObject({
      left: { _tag: 'ControlUnusable', problem: expect.stringContaining(problem) },
    });
    expect(check(directory)).toMatchObject({
      check: null,
      findings: [{ _tag: 'ControlUnusable', problem: expect.stringContaining(problem) }],
    });
  });

  it('has each of its own objects looked at: without any one of them, or with another, it is refused', () => {
    for (const [name, sql] of CURRENT_SCHEMA) {
      const without = new Map(CURRENT_SCHEMA);
      without.delete(name);
      expect(differencesFrom(2, without)).toEqual([{ name, problem: 'missing' }]);
      expect(differencesFrom(2, new Map(CURRENT_SCHEMA).set(name, `${sql} `))).toEqual([
        { name, problem: 'changed' },
      ]);
    }
    expect(CURRENT_SCHEMA.size).toBe(STATEMENTS.length);
  });

  it('cannot be opened with a schema that is trusted, nor written past its statements', () => {
    const path = join(temporaryDirectory(), 'a.db');
    const opened = betterSqlite.open(path, { create: true })();
    if (isLeft(opened)) throw new Error(JSON.stringify(opened.left));
    const { query, close } = opened.right;
    expect(query('PRAGMA trusted_schema')()).toMatchObject({ right: [{ trusted_schema: 0 }] });
    expect(isRight(query(`UPDATE sqlite_schema SET sql = 'x' RETURNING 1`)())).toBe(false);
    close();
  });

  it.each(['control.db', 'control.db-wal', 'control.db-shm'])(
    'of which %s is a link is not followed',
    async (name) => {
      const directory = temporaryDirectory();
      (await openTable(directory)).close();
      const elsewhere = join(temporaryDirectory(), 'victim');
      if (name === 'control.db') renameSync(join(directory, name), elsewhere);
      else writeFileSync(elsewhere, 'precious');
      const before = readFileSync(elsewhere);
      symlinkSync(elsewhere, join(directory, name));
      expect(await open(directory)).toMatchObject({
        left: { _tag: 'ControlUnusable', problem: `${name} is a symlink, which is not followed` },
      });
      expect(readFileSync(elsewhere)).toEqual(before);
    },
  );

  it('that is a pipe is refused without waiting for somebody to write into it', async () => {
    const directory = temporaryDirectory();
    expect(spawnSync('mkfifo', [join(directory, 'control.db')]).status).toBe(0);
    expect(await open(directory)).toMatchObject({ left: { _tag: 'ControlUnusable' } });
    mkdirSync(join(directory, 'runners'));
    expect(spawnSync('mkfifo', [join(directory, 'writer.lock')]).status).toBe(0);
    expect(isLeft(sqliteLocks.tryAcquire(join(directory, 'writer.lock'))())).toBe(true);
    expect(isLeft(sqliteLocks.isHeld(join(directory, 'writer.lock'))())).toBe(true);
  });

  it.each(['control.db', 'writer.lock'])(
    'with a rollback journal beside %s, which names a victim, removes nothing',
    async (name) => {
      const directory = temporaryDirectory();
      (await openTable(directory)).close();
      const victim = join(temporaryDirectory(), 'victim');
      writeFileSync(victim, 'precious');
      const path = join(directory, name);
      if (name === 'writer.lock') new Database(path).exec('CREATE TABLE t (a)').close();
      writeFileSync(`${path}-journal`, hotJournal(victim, statSync(path).size / 4096));
      if (name === 'control.db')
        expect(await open(directory)).toMatchObject({ left: { _tag: 'ControlUnusable' } });
      else {
        expect(isLeft(sqliteLocks.tryAcquire(path)())).toBe(true);
        expect(isLeft(sqliteLocks.isHeld(path)())).toBe(true);
      }
      expect(existsSync(victim)).toBe(true);
      // What SQLite itself would do with it.
      new Database(path).exec('SELECT * FROM sqlite_schema').close();
      expect(existsSync(victim)).toBe(false);
    },
  );
});

describe('a file that has another name', () => {
  it('is read as a control database, and never written', async () => {
    const directory = temporaryDirectory();
    (await openTable(directory)).close();
    const victim = join(temporaryDirectory(), 'victim.db');
    linkSync(join(directory, 'control.db'), victim);
    const before = readFileSync(victim);
    const opened = await open(directory);
    if (isLeft(opened)) throw new Error(JSON.stringify(opened.left));
    expect(await opened.right.commits()()).toMatchObject({ right: [] });
    opened.right.close();
    const database = betterSqlite.open(join(directory, 'control.db'), { create: false })();
    if (isLeft(database)) throw new Error(JSON.stringify(database.left));
    const written = database.right.transaction('durable', (sql) =>
      sql.run(`INSERT INTO plans VALUES ('c', 'p')`),
    )();
    expect(written).toMatchObject({
      left: {
        code: 'HARD_LINK',
        message: expect.stringContaining('cp -p control.db own && mv own control.db'),
      },
    });
    database.right.close();
    expect(readFileSync(victim)).toEqual(before);
  });

  it.each(['control.db-wal', 'control.db-shm'])(
    'is refused as %s, which SQLite would write over',
    async (name) => {
      const directory = temporaryDirectory();
      (await openTable(directory)).close();
      const victim = join(temporaryDirectory(), 'victim');
      writeFileSync(victim, 'precious');
      linkSync(victim, join(directory, name));
      expect(await open(directory)).toMatchObject({
        left: { _tag: 'ControlUnusable', problem: `${name} has another name (a hard link)` },
      });
      expect(readFileSync(victim, 'utf8')).toBe('precious');
    },
  );
});

/** A journal without pages, and at its end the name of a super-journal, which is removed once the journal is played back. */
const hotJournal = (superJournal: string, pages: number): Buffer => {
  const magic = Buffer.from('d9d505f920a163d7', 'hex');
  const header = Buffer.alloc(512);
  magic.copy(header);
  header.writeUInt32BE(0, 8);
  header.writeUInt32BE(pages, 16);
  header.writeUInt32BE(512, 20);
  header.writeUInt32BE(4096, 24);
  const name = Buffer.from(superJournal);
  const end = Buffer.alloc(8);
  end.writeUInt32BE(name.length, 0);
  end.writeUInt32BE(
    name.reduce((sum, byte) => sum + byte, 0),
    4,
  );
  const page = Buffer.alloc(4);
  page.writeUInt32BE(0x40000000 / 4096 + 1, 0);
  return Buffer.concat([header, page, name, end, magic]);
};

describe('a private copy of a database', () => {
  it('has what is in the write-ahead log, and is gone from the disk while it is open', async () => {
    const directory = temporaryDirectory();
    const table = await openTable(directory);
    const path = join(directory, 'control.db');
    const writer = new Database(path);
    writer.exec(`INSERT INTO plans VALUES ('c', 'p')`);
    expect(existsSync(`${path}-wal`)).toBe(true);
    let copied = '';
    const copy = withPrivateCopy(path, (at) => {
      copied = at;
      return new Database(at);
    });
    expect(existsSync(copied)).toBe(false);
    expect(copy.prepare('SELECT checksum FROM plans').all()).toEqual([{ checksum: 'c' }]);
    writer.exec(`INSERT INTO plans VALUES ('d', 'p')`);
    expect(copy.prepare('SELECT count(*) AS n FROM plans').get()).toEqual({ n: 1 });
    copy.close();
    writer.close();
    table.close();
  });

  it('taken while others write, merge their log and begin another, is one state of the database', async () => {
    const path = join(temporaryDirectory(), 'a.db');
    const begun = new Database(path);
    begun.pragma('journal_mode = WAL');
    begun.exec('CREATE TABLE a (n, filling); CREATE TABLE b (n, filling)');
    begun.close();
    const writer = spawn(process.execPath, ['-e', WRITER, path], { stdio: 'inherit' });
    let ended = false;
    const end = new Promise<void>((resolve) =>
      writer.on('close', () => {
        ended = true;
        resolve();
      }),
    );
    let copies = 0;
    while (!ended) {
      try {
        const copy = withPrivateCopy(path, (at) => new Database(at));
        expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
        expect(copy.prepare('SELECT max(n) FROM a').raw().get()).toEqual(
          copy.prepare('SELECT max(n) FROM b').raw().get(),
        );
        copy.close();
        copies += 1;
      } catch (problem) {
        // So busy that it could not be copied: said, and not half a copy.
        expect(problem).toMatchObject({ code: 'SQLITE_BUSY' });
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await end;
    expect(copies).toBeGreaterThan(0);
  });
});

/** A program that writes the same to two tables in many transactions, with checkpoints and fresh connections in between. */
const WRITER = `
  const Database = require('better-sqlite3');
  for (let n = 0, open = null; n < 2000; n += 1) {
    if (n % 50 === 0) { open?.close(); open = new Database(process.argv[1]); open.pragma('wal_autocheckpoint = 20'); }
    open.exec('BEGIN; INSERT INTO a VALUES (' + n + ', hex(randomblob(3000))); INSERT INTO b VALUES (' + n + ', hex(randomblob(3000))); COMMIT');
  }
`;
