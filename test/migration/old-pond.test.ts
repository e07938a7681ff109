import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it, onTestFinished } from 'vitest';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import { assemble } from '../../src/composition-root.js';
import { openControlTable } from '../../src/control/open-control-table.js';
import { CURRENT_SCHEMA } from '../../src/control/schema/compare-schema.js';
import { SCHEMA_VERSION } from '../../src/control/schema/statements.js';
import { Steward } from '../../src/index.js';
import { livePorts } from '../../src/live-ports.js';
import { withChecksum } from '../../src/tlogfs/log/entry-checksum.js';
import { must } from '../fsck/sample-pond.js';
import { memoryLogger } from '../support/memory-logger.js';
import { oldPond } from './old-pond.js';

const rebuildControl = (pond: string) => assemble(livePorts(memoryLogger().logger)).rebuildControl(pond, {});

const controlDb = (pond: string) => `${pond}/control/control.db`;

const withDatabase = <A>(pond: string, use: (database: Database.Database) => A): A => {
  const database = new Database(controlDb(pond));
  try {
    return use(database);
  } finally {
    database.close();
  }
};

const schemaOf = (pond: string) =>
  withDatabase(
    pond,
    (database) =>
      new Map(
        database
          .prepare<[], { name: string; sql: string }>(
            'SELECT name, sql FROM sqlite_master WHERE sql NOT NULL',
          )
          .all()
          .filter(({ name }) => name !== 'sqlite_sequence')
          .map(({ name, sql }) => [name, sql]),
      ),
  );

const versionOf = (pond: string) =>
  withDatabase(pond, (database) => database.prepare('SELECT schema_version FROM meta').pluck().get());

/** Every row of every table that both versions have, in the columns that both have. */
const rowsOf = (pond: string) =>
  withDatabase(pond, (database) =>
    [
      'SELECT record_id, txn_seq, txn_id, based_on_seq, record_type, transaction_type, timestamp, cli_args, environment, data_fs_version, error_message, duration_ms, parent_txn_seq, execution_seq, factory_name, config_path, attempt, trace_parent, config_txn_seq FROM control_table ORDER BY record_id',
      'SELECT * FROM open_transactions ORDER BY txn_id',
      'SELECT parent_txn_seq, execution_seq, txn_id, config_path, state FROM task_states ORDER BY parent_txn_seq, execution_seq',
      'SELECT * FROM plans ORDER BY checksum',
      'SELECT * FROM commit_plans ORDER BY txn_id',
      'SELECT * FROM claims ORDER BY token',
      'SELECT * FROM runners ORDER BY runner_id',
      'SELECT token, config_path, pgid, marker FROM process_groups ORDER BY token',
      'SELECT * FROM post_commit_tasks ORDER BY parent_txn_seq, execution_seq',
      'SELECT name, seq FROM sqlite_sequence ORDER BY name',
    ].map((query) => database.prepare(query).all()),
  );

const openOld = async (pond: string) => {
  const steward = await must(Steward.open(pond, { trust: 'all' }));
  onTestFinished(async () => {
    await steward.close()();
  });
  return steward;
};

const write = (steward: Awaited<ReturnType<typeof openOld>>) =>
  must(steward.write(({ fs }) => fs.write('/in/new.txt', Buffer.from('new'))));

it('each plan that version 0.1.0 recorded is computed again with the same checksum', async () => {
  const report = await must(Steward.fsck(oldPond(), { plans: true }));
  expect(report.findings).toEqual([]);
  expect(report.plans).toEqual({ commits: 24, differing: [] });
});

it('a control table of version 0.1.0 is read without being migrated', async () => {
  const pond = oldPond();
  const schema = schemaOf(pond);
  const steward = await openOld(pond);
  await must(steward.read(({ fs }) => fs.list('/in')));
  const transactions = await must(
    steward.transactions({ limit: 1, txnSeq: null, transactionTypes: ['read'] }),
  );
  expect(transactions[0]).toMatchObject({ status: 'completed' });
  expect((await must(steward.records({})))[0]).toMatchObject({ recordType: 'begin', causedBy: null });
  await must(Steward.fsck(pond));
  expect(versionOf(pond)).toBe(1);
  expect(schemaOf(pond)).toEqual(schema);
});

it('the first write migrates it, keeps every row, and leaves the schema of a new pond', async () => {
  const pond = oldPond();
  const before = rowsOf(pond);
  const migrated = await must(
    openControlTable({ databases: betterSqlite, locks: sqliteLocks })(
      `${pond}/control`,
      (await openOld(pond)).pondId,
      { create: false },
    ),
  );
  expect(await must(migrated.migrate())).toBe(true);
  migrated.close();
  expect(rowsOf(pond)).toEqual(before);
  expect(versionOf(pond)).toBe(SCHEMA_VERSION);
  expect(schemaOf(pond)).toEqual(CURRENT_SCHEMA);

  await write(await openOld(pond));
  const report = await must(Steward.fsck(pond, { plans: true }));
  expect(report.findings).toEqual([]);
  expect(report.plans).toEqual({ commits: 25, differing: [] });
});

it.each(['write', 'retry', 'recover', 'recover tasks', 'maintain', 'rebuild-control'] as const)(
  '%s migrates a control table of version 0.1.0 before it records anything',
  async (command) => {
    const pond = oldPond();
    if (command === 'rebuild-control') await must(rebuildControl(pond));
    else {
      const steward = await openOld(pond);
      const commands = {
        write: () => write(steward),
        retry: () => must(steward.retry({ txnSeq: 6 })),
        recover: () => must(steward.recover()),
        'recover tasks': () => must(steward.recover({ postCommitOnly: true })),
        maintain: () => must(steward.maintain()),
      };
      await commands[command]();
    }
    expect(versionOf(pond)).toBe(SCHEMA_VERSION);
    expect((await must(Steward.fsck(pond))).findings).toEqual([]);
  },
);

it('a reader that opened the older table reads on after another process has migrated it', async () => {
  const pond = oldPond();
  const reader = await openOld(pond);
  await write(await openOld(pond));
  await must(reader.read(({ fs }) => fs.list('/in')));
  const [newest] = await must(reader.transactions({ limit: 1, txnSeq: null, transactionTypes: ['write'] }));
  expect(newest).toMatchObject({ txnSeq: 25 });
  await must(reader.write(({ fs }) => fs.write('/in/more.txt', Buffer.from('more'))));
  expect((await must(Steward.fsck(pond))).findings).toEqual([]);
});

it('a table is not migrated while a process runs tasks by it, and says whose', async () => {
  const pond = oldPond();
  const held = sqliteLocks.tryAcquire(`${pond}/control/runners/other.lock`)();
  onTestFinished(() => {
    if (isRight(held)) held.right?.release();
  });
  withDatabase(pond, (database) =>
    database.exec(`INSERT INTO runners VALUES ('other', 4711, 'copy a /in/a', 1)`),
  );
  const steward = await must(Steward.open(pond, { lockTimeoutMs: 0, trust: 'all' }));
  const refused = await steward.write(({ fs }) => fs.write('/in/new.txt', Buffer.from('new')))();
  expect(refused).toMatchObject({ left: { _tag: 'ControlInUse', runner: { pid: 4711 } } });
  expect(versionOf(pond)).toBe(1);
  // What could not be migrated is still read as it is.
  expect(isRight(await steward.records({ limit: 1 })())).toBe(true);
  await steward.close()();
});

it('a migration that is cut off anywhere leaves the table as it was', async () => {
  const pond = oldPond();
  const before = rowsOf(pond);
  const schema = schemaOf(pond);
  const { pondId } = await openOld(pond);
  let statements = 0;
  /** Dies before the statement of that number. */
  const dying = (at: number): typeof betterSqlite => ({
    open: (path, options) => () => {
      const opened = betterSqlite.open(path, options)();
      if (isLeft(opened)) return opened;
      const transaction: typeof opened.right.transaction = (durability, body) =>
        opened.right.transaction(durability, (inside) =>
          body({
            ...inside,
            run: (...statement) => {
              statements += 1;
              if (statements === at) throw new Error('the power is gone');
              return inside.run(...statement);
            },
          }),
        );
      return { _tag: 'Right', right: { ...opened.right, transaction } };
    },
  });
  for (let at = 1; ; at += 7) {
    statements = 0;
    const opened = openControlTable({ databases: dying(at), locks: sqliteLocks });
    const table = await must(opened(`${pond}/control`, pondId, { create: false }));
    const outcome = await table
      .migrate()()
      .catch(() => 'died');
    table.close();
    if (outcome !== 'died') break;
    expect(rowsOf(pond)).toEqual(before);
    expect(schemaOf(pond)).toEqual(schema);
  }
  expect(statements).toBeGreaterThan(30);
  expect(versionOf(pond)).toBe(SCHEMA_VERSION);
});

it('a table of a newer version is PondTooNew for every command, and rebuild-control leaves it alone', async () => {
  const pond = oldPond();
  withDatabase(pond, (database) => database.exec('UPDATE meta SET schema_version = 99'));
  for (const command of [
    Steward.open(pond),
    TE.map(() => undefined)(rebuildControl(pond)),
    TE.map(() => undefined)(Steward.fsck(pond)),
  ]) {
    expect(await command()).toMatchObject({ left: { _tag: 'PondTooNew', format: '99' } });
  }
  expect(versionOf(pond)).toBe(99);
});

it('a pond with a newer format in its log is PondTooNew, whatever the control table says', async () => {
  const pond = oldPond();
  await write(await openOld(pond));
  const entry = `${pond}/data/_delta_log/00000000000000000026.json`;
  const text = readFileSync(entry, 'utf8');
  expect(text).toContain('"pond.format":"2"');
  expect(text).toContain('"planner_version":2');
  const forged = text
    .replace('"pond.format":"2"', '"pond.format":"5"')
    .replace(/,"entry_sha256":"[0-9a-f]+"/, '');
  writeFileSync(entry, withChecksum(forged));
  for (const command of [Steward.open(pond), TE.map(() => undefined)(Steward.fsck(pond))]) {
    expect(await command()).toMatchObject({ left: { _tag: 'PondTooNew', format: '5', known: 4 } });
  }
});
