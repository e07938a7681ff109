import { readFileSync } from 'node:fs';
import { isRight } from 'fp-ts/lib/Either.js';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { postgresServers } from '../../../src/adapters/postgres/postgres-server.js';
import { serverError } from '../../../src/adapters/postgres/server-errors.js';
import { translateStatement } from '../../../src/adapters/postgres/translate-statement.js';
import { openServerControl, type ServerControl } from '../../../src/control/open-server-control.js';
import { begin, claimOne, commit, failure, first, must, record, run, start, task } from '../steps.js';
import { temporaryDirectory } from '../table.js';
import { pondOf, SERVER } from './on-server.js';

const end = { attempt: 1, timestamp: 60, durationMs: 1 };

test('a statement for SQLite becomes one for PostgreSQL: parameters by number, lists of numbers, no index by name', () => {
  expect(
    translateStatement(
      'SELECT 1 FROM t INDEXED BY i WHERE a = @a AND b = @b AND c IN (SELECT value FROM json_each(@a))',
    ),
  ).toMatchObject({
    text: 'SELECT 1 FROM t  WHERE a = $1 AND b = $2 AND c IN (SELECT value::bigint FROM json_array_elements_text($1::json) AS value)',
    names: ['a', 'b'],
  });
});

test('a connection that does not come about in time may be asked for again, as one that has ended; what nobody knows is thrown again', () => {
  // Words of `pg`, which have no code: of a connection by itself, of one of a pool, of one that was there.
  for (const words of [
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'Query read timeout',
  ])
    expect(serverError('postgres://db/ponds', new Error(words))).toMatchObject({ code: 'TRY_AGAIN' });
  expect(() => serverError('postgres://db/ponds', new Error('timeout of something else'))).toThrow();
});

/** A control table, and a connection of a person's to the same schema. */
const opened = async (pondId: string, onLost: (runnerId: string, why: string) => void = () => undefined) => {
  const control = await must(
    openServerControl({ servers: postgresServers, clock: nodeClock, onLost })(String(SERVER), pondId, {
      create: true,
    }),
  );
  onTestFinished(control.table.close);
  return control;
};

const person = async (pondId: string): Promise<pg.Client> => {
  const client = new pg.Client(SERVER);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`SET search_path = pond_${pondId}`);
  return client;
};

const newPond = () => pondOf(temporaryDirectory());

/** The commands that tell of a person's client which sessions hold advisory locks, and end them. */
const endSessions = (client: pg.Client) =>
  client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()`,
  );

test.skipIf(SERVER === undefined)('the time that all machines have is that of the database', async () => {
  const { fleet } = await opened(newPond());
  const before = Date.now();
  const time = (await must(fleet.commonTime())) / 1000;
  // It runs on this machine, and its clock is this one's.
  expect(time).toBeGreaterThanOrEqual(before - 1);
  expect(time).toBeLessThanOrEqual(Date.now() + 1);
});

test.skipIf(SERVER === undefined)(
  'the log of a server refuses updates, emptying and the deletion of writes from anybody',
  async () => {
    const pondId = newPond();
    const { table } = await opened(pondId);
    await commit(table, 1);
    const before = await must(table.records({}));
    const client = await person(pondId);
    for (const statement of [
      `UPDATE control_table SET error_message = 'x'`,
      'DELETE FROM control_table',
      'TRUNCATE control_table',
      `INSERT INTO control_table (record_id, txn_seq, txn_id, record_type, transaction_type, timestamp)
     VALUES (1, 9, 'x', 'begin', 'write', 1)`,
      `INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp)
     VALUES (9, 'x', 'invented', 'write', 1)`,
    ]) {
      await expect(client.query(statement)).rejects.toThrow();
    }
    expect(await must(table.records({}))).toEqual(before);
  },
);

test.skipIf(SERVER === undefined)(
  'the three queries of docs/control-table.md find on a server what they find in SQLite',
  async () => {
    const pondId = newPond();
    const { table } = await opened(pondId);
    await run(table, 'r');
    const claims = await commit(table, 1, [task(1, '/waits'), task(2, '/runs'), task(3, '/fails')], 'r');
    for (const claim of claims.slice(1)) await start(table, claim);
    const [, , fails] = claims;
    if (fails === undefined) throw new Error('not claimed');
    await must(table.recordPostCommitFailed(fails, { ...end, errorMessage: 'broken', next: 'release' }));
    const document = readFileSync(new URL('../../../docs/control-table.md', import.meta.url), 'utf8');
    const client = await person(pondId);
    const paths: unknown[] = [];
    for (const [, query = ''] of document.matchAll(/```sql\n(.*?);\n```/gs))
      paths.push((await client.query(query)).rows.map((row) => row.config_path));
    expect(paths).toEqual([['/waits'], ['/runs'], ['/fails']]);
  },
);

test.skipIf(SERVER === undefined)(
  'a runner whose session is ended is told so, is dead for others, and records nothing once its task was taken',
  async () => {
    const pondId = newPond();
    let told: (why: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => {
      told = resolve;
    });
    const { table } = await opened(pondId, (runnerId, why) => told(`${runnerId}: ${why}`));
    const other = (await opened(pondId)).table;
    await run(table, 'a');
    const old = first(await commit(table, 1, [task(1, '/x')], 'a'));
    await start(table, old);
    await endSessions(await person(pondId));
    expect(await lost).toBe('a: its connection to the control table was lost');
    await run(other, 'b');
    const claim = await claimOne(other, 'b', 1);
    expect(await start(other, claim)).toMatchObject({ _tag: 'Started', attempt: 2 });
    expect(await failure(table.recordPostCommitCompleted(old, end))).toMatchObject({ _tag: 'StaleToken' });
    await must(other.recordPostCommitCompleted(claim, { ...end, attempt: 2 }));
  },
);

test.skipIf(SERVER === undefined)(
  'a runner that is dead for others ends no attempt any more once another task of its path has begun, and its own task is run again',
  async () => {
    const pondId = newPond();
    let told: () => void = () => undefined;
    const lost = new Promise<void>((resolve) => {
      told = resolve;
    });
    const { table } = await opened(pondId, () => told());
    const other = (await opened(pondId)).table;
    await run(table, 'a');
    const old = first(await commit(table, 1, [task(1, '/x')], 'a'));
    await start(table, old);
    await endSessions(await person(pondId));
    await lost;
    await run(other, 'b');
    const later = first(await commit(other, 2, [task(1, '/x')], 'b'));
    expect(await start(other, later)).toMatchObject({ _tag: 'Started', attempt: 1 });
    expect(await failure(table.recordPostCommitCompleted(old, end))).toMatchObject({ _tag: 'StaleToken' });
    await must(other.recordPostCommitCompleted(later, end));
    const again = await claimOne(other, 'b', 1);
    expect(again.token).toBeGreaterThan(later.token);
    expect(await start(other, again)).toMatchObject({ _tag: 'Started', attempt: 2 });
    await must(other.recordPostCommitCompleted(again, { ...end, attempt: 2 }));
  },
);

test.skipIf(SERVER === undefined)(
  'a runner whose lease has ended is dead for others, although its session lives, and is told so',
  async () => {
    const pondId = newPond();
    let told: (why: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => {
      told = resolve;
    });
    const { table } = await opened(pondId, (_, why) => told(why));
    await run(table, 'a');
    await commit(table, 1, [task(1, '/x')], 'a');
    const client = await person(pondId);
    // Prolonged once, so that its row is known to be there.
    for (let prolonged = false; !prolonged; ) {
      const { rows } = await client.query(
        `SELECT lease_until > to_timestamp(started_at / 1e6) AND lease_until - clock_timestamp() > interval '14.5 s' AS fresh FROM runners`,
      );
      prolonged = rows[0]?.fresh === true;
      await nodeClock.sleep(50);
    }
    await nodeClock.sleep(1_100);
    await client.query(`UPDATE runners SET lease_until = clock_timestamp() - interval '1 s'`);
    expect(await lost).toBe('its lease has ended');
    expect(await must(table.findIncompletePostCommitTasks())).toMatchObject([{ runner: null }]);
  },
);

test.skipIf(SERVER === undefined)(
  'of two writers one has the lock, here and elsewhere, and it ends with its session',
  async () => {
    const pondId = newPond();
    const [one, two]: readonly ServerControl[] = [await opened(pondId), await opened(pondId)];
    if (one === undefined || two === undefined) throw new Error('not opened');
    expect(await must(one.lock.isHeld())).toBe(false);
    const held = await must(one.lock.tryAcquire());
    expect(held).not.toBeNull();
    expect(await must(one.lock.tryAcquire())).toBeNull();
    expect(await must(two.lock.tryAcquire())).toBeNull();
    expect(await must(two.lock.isHeld())).toBe(true);
    await held?.release();
    // It is not waited for, but by who asks whether anybody has it.
    expect(await must(one.lock.isHeld())).toBe(false);
    const next = await must(two.lock.tryAcquire());
    expect(next).not.toBeNull();
    await endSessions(await person(pondId));
    const again = await must(one.lock.tryAcquire());
    expect(again === null || (await next?.isHeldStill()) === false).toBe(true);
  },
);

test.skipIf(SERVER === undefined)(
  'what was told of an entry is over with a commit that has removed it, also where nothing follows that commit',
  async () => {
    const pondId = newPond();
    const { table } = await opened(pondId);
    const sees = await person(pondId);
    await sees.query(
      `INSERT INTO episodes (notifier, watched, first_txn_seq, first_execution_seq, state)
       VALUES ('/etc/system.d/n', '/etc/system.d/gone', 1, 1, 'beginning')`,
    );
    await begin(table, 1);
    await must(record(table, 1, [], null, [], ['/etc/system.d/n']));
    expect((await sees.query('SELECT * FROM episodes')).rows).toEqual([]);
    expect(await must(table.findIncompleteTransactions())).toEqual([]);
  },
);

test.skipIf(SERVER === undefined)(
  'who has let go of the lock has it again at once; where the session has ended meanwhile, by another one',
  async () => {
    const pondId = newPond();
    const { lock } = await opened(pondId);
    const other = await opened(pondId);
    for (let turn = 1; turn <= 3; turn += 1) {
      const held = await must(lock.tryAcquire());
      expect(held?.turn).toBe(turn);
      expect(await must(other.lock.tryAcquire())).toBeNull();
      void held?.release();
    }
    const held = await must(lock.tryAcquire());
    await endSessions(await person(pondId));
    await held?.release();
    const again = await vi.waitFor(async () => {
      const taken = await lock.tryAcquire()();
      expect(taken).toMatchObject({ right: { turn: 5 } });
      return taken;
    }, 5_000);
    expect(isRight(again) && (await again.right?.isHeldStill())).toBe(true);
  },
);

test.skipIf(SERVER === undefined)(
  'what is recorded of a task is heard by who listens, on another connection',
  async () => {
    const pondId = newPond();
    const { table } = await opened(pondId);
    const other = await opened(pondId);
    let heard: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const listening = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const notice = new Promise<void>((resolve) => {
      heard = resolve;
    });
    let calls = 0;
    const { stop } = other.listen(() => {
      calls += 1;
      if (calls === 1) begun();
      else heard();
    });
    onTestFinished(stop);
    // The first call says that it listens.
    await listening;
    await commit(table, 1, [task(1, '/x')]);
    await notice;
  },
);

test.skipIf(SERVER === undefined)(
  'a worker of an older version stops at a schema that it does not know, and says so; one that is at work goes on',
  async () => {
    const pondId = newPond();
    const { table } = await opened(pondId);
    await run(table, 'a');
    const claim = first(await commit(table, 1, [task(1, '/x')], 'a'));
    const client = await person(pondId);
    await client.query('UPDATE meta SET schema_version = schema_version + 1');
    const again = openServerControl({ servers: postgresServers, clock: nodeClock, onLost: () => undefined })(
      String(SERVER),
      pondId,
      { create: false },
    );
    expect(await failure(again)).toMatchObject({ _tag: 'PondTooNew', format: '2', known: 1 });
    await start(table, claim);
    await must(table.recordPostCommitCompleted(claim, end));
  },
);
