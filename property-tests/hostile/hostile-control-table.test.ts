import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import { openControlTable } from '../../src/control/open-control-table.js';
import { damage } from '../../test/support/hostile-bytes.js';
import { prop } from '../../test/support/prop.js';
import { times } from '../../test/support/times.js';

const POND_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const TXN_ID = '01890a5d-ac96-774b-bcce-b302099a8058';

let folder = '';
const database = () => join(folder, 'control.db');
/** A table with a commit that has a task. */
let good: Buffer;

const open = () =>
  openControlTable({ databases: betterSqlite, locks: sqliteLocks })(folder, POND_ID, { create: false });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-hostile-'));
  const made = await openControlTable({ databases: betterSqlite, locks: sqliteLocks })(folder, POND_ID, {
    create: true,
  })();
  if (isLeft(made)) throw new Error(JSON.stringify(made.left));
  made.right.close();
  const connection = new Database(database());
  for (const row of ROWS) insert(connection, row);
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE');
  connection.close();
  good = readFileSync(database());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COMMON = { txn_seq: 1, txn_id: TXN_ID, transaction_type: 'write', timestamp: 1_700_000_000_000_000 };
const TASK = {
  ...COMMON,
  transaction_type: 'post_commit',
  parent_txn_seq: 1,
  execution_seq: 1,
  config_path: '/etc/a',
};
const ROWS: readonly Row[] = [
  { ...COMMON, record_type: 'begin', cli_args: '["copy"]', environment: '{"user":"a"}', based_on_seq: 0 },
  { ...COMMON, record_type: 'data_committed', data_fs_version: 1 },
  { ...TASK, record_type: 'post_commit_pending', factory_name: 'command', config_txn_seq: 1 },
  { ...TASK, record_type: 'post_commit_started', attempt: 1 },
];

type Value = string | number | bigint | Uint8Array | null;
type Row = Readonly<Record<string, Value>>;

const insert = (connection: Database.Database, row: Row): void => {
  const columns = Object.keys(row);
  const values = columns.map((column) => `@${column}`).join(', ');
  connection.prepare(`INSERT INTO control_table (${columns.join(', ')}) VALUES (${values})`).run(row);
};

const CODES = /^Control/;

/** Every question is answered, or refused by an error of the control table's. */
const askEverything = async (): Promise<'read' | 'refused'> => {
  const opened = await open()();
  if (isLeft(opened)) {
    expect(opened.left._tag).toMatch(CODES);
    return 'refused';
  }
  const table = opened.right;
  const questions: readonly TaskEither<{ readonly _tag: string }, unknown>[] = [
    table.transactions({ txnSeq: null, transactionTypes: ['read', 'write'], limit: 100 }),
    table.transactions({ txnSeq: 1, transactionTypes: ['write'], limit: 1 }),
    table.getPostCommitTasks(1),
    table.findIncompleteTransactions(),
    table.findIncompletePostCommitTasks(),
    table.completeIfEnded(TXN_ID, 1),
  ];
  let outcome: 'read' | 'refused' = 'read';
  try {
    for (const question of questions) {
      const answer = await question();
      if (!isLeft(answer)) continue;
      outcome = 'refused';
      expect(answer.left._tag).toMatch(CODES);
    }
  } finally {
    table.close();
  }
  return outcome;
};

const restore = (bytes: Uint8Array) => {
  for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${database()}${suffix}`, { force: true });
  writeFileSync(database(), bytes);
};

interface Change {
  readonly record: number;
  readonly column: string;
  readonly value: Value;
}

const changed = (changes: readonly Change[]): void => {
  restore(good);
  const connection = new Database(database());
  // As damage comes: past what a table checks of who writes to it.
  connection.exec('PRAGMA ignore_check_constraints = ON; DROP TRIGGER control_table_keeps');
  for (const { record, column, value } of changes) {
    try {
      connection.prepare(`UPDATE control_table SET ${column} = ? WHERE record_id = ?`).run(value, record);
    } catch (error) {
      // NOT NULL and UNIQUE hold in a file that was not damaged below SQLite.
      expect(error).toMatchObject({ code: expect.stringMatching(/^SQLITE_CONSTRAINT/) });
    }
  }
  connection.close();
};

const DEEP = '['.repeat(50_000) + ']'.repeat(50_000);

const hostile: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value[]>(null, '', '[', '{}', '[1]', '"x"', '{"__proto__":{"a":1}}', '\ud800', '__proto__'),
  fc.constantFrom<Value[]>(DEEP, `{"a":${DEEP}}`, 'x'.repeat(100_000), -1, 0.5, 1e300, Number.NaN),
  fc.constantFrom<Value[]>(
    2n ** 62n,
    -(2n ** 63n),
    new Uint8Array([0xff, 0xfe]),
    'begin',
    'post_commit_failed',
    'read',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const COLUMNS = [
  ...['txn_seq', 'txn_id', 'based_on_seq', 'record_type', 'transaction_type', 'timestamp', 'cli_args'],
  ...['environment', 'data_fs_version', 'error_message', 'duration_ms', 'parent_txn_seq', 'execution_seq'],
  ...['factory_name', 'config_path', 'attempt', 'trace_parent', 'config_txn_seq'],
];

describe('a control table that is damaged is read, or refused by a tagged error', () => {
  test('one that is not is read', async () => {
    restore(good);
    expect(await askEverything()).toBe('read');
  });

  prop([fc.constantFrom('cli_args', 'environment'), fc.constantFrom(DEEP, `{"a":${DEEP}}`)], times(8))(
    'one whose texts are nested without end is refused',
    async (column, value) => {
      changed([{ record: 1, column, value }]);
      expect(await askEverything()).toBe('refused');
    },
  );

  const change = fc.record({
    record: fc.integer({ min: 1, max: ROWS.length }),
    column: fc.constantFrom(...COLUMNS),
    value: hostile,
  });
  let tried = 0;
  let refused = 0;
  prop([fc.array(change, { minLength: 1, maxLength: 3 })], times(60))(
    'whatever values its records have',
    async (changes) => {
      tried += 1;
      changed(changes);
      if ((await askEverything()) === 'refused') refused += 1;
    },
  );
  test('and many of them are refused', () => {
    expect(refused).toBeGreaterThan(tried / 2 - 10);
  });

  prop([damage], times(120))('whatever bytes its file has', async (damaged) => {
    restore(damaged(good));
    await askEverything();
  });
});
