import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { postgresServers } from '../../../src/adapters/postgres/postgres-server.js';
import { openServerControl } from '../../../src/control/open-server-control.js';
import { schemaOf } from '../../../src/control/server/install-schema.js';
import { FIRST_OF_FIRINGS } from '../../../src/domain/plans/firing.js';
import { must } from '../steps.js';
import { temporaryDirectory } from '../table.js';
import { pondOf, SERVER } from './on-server.js';

/** The tables of a new pond, and a person's connection to them. */
const newTables = async (): Promise<pg.Client> => {
  const pondId = pondOf(temporaryDirectory());
  const control = await must(
    openServerControl({ servers: postgresServers, clock: nodeClock, onLost: () => undefined })(
      String(SERVER),
      pondId,
      { create: true },
    ),
  );
  onTestFinished(control.table.close);
  const client = new pg.Client(SERVER);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`SET search_path = ${schemaOf(pondId)}`);
  return client;
};

type Row = Readonly<Record<string, string | number>>;

const ofTask = (executionSeq: number, step: string, more: Row = {}): Row => ({
  txn_seq: 7,
  txn_id: 'seventh',
  record_type: `post_commit_${step}`,
  transaction_type: 'post_commit',
  timestamp: 1,
  parent_txn_seq: 7,
  execution_seq: executionSeq,
  config_path: `/etc/${executionSeq}`,
  ...more,
});

const ofCommit = (type: string, more: Row = {}): Row => ({
  txn_seq: 7,
  txn_id: 'seventh',
  record_type: type,
  transaction_type: 'write',
  timestamp: 1,
  ...more,
});

const insert = (client: pg.Client, rows: readonly Row[]) => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].join(', ');
  return client.query(
    `INSERT INTO control_table (${columns})
     SELECT ${columns} FROM json_populate_recordset(NULL::control_table, $1::json)`,
    [JSON.stringify(rows)],
  );
};

/** Tasks 2 and 3 need the first; 3 needs 2, too; nobody needs the fourth. */
const NEEDS = [
  [2, 1],
  [3, 1],
  [3, 2],
] as const;

const prepare = async (client: pg.Client): Promise<void> => {
  await insert(client, [ofCommit('begin'), ofCommit('data_committed', { data_fs_version: 7 })]);
  await insert(
    client,
    [1, 2, 3, 4].map((seq) => ofTask(seq, 'pending')),
  );
  for (const [seq, needs] of NEEDS)
    await client.query('INSERT INTO task_needs (parent_txn_seq, execution_seq, needs) VALUES (7, $1, $2)', [
      seq,
      needs,
    ]);
  await client.query(
    `UPDATE task_states SET needs_left = (SELECT count(*) FROM task_needs AS need
       WHERE need.execution_seq = task_states.execution_seq)`,
  );
};

const statesIn = async (client: pg.Client): Promise<readonly unknown[]> =>
  (await client.query('SELECT * FROM task_states ORDER BY execution_seq')).rows;

/** Tasks of one statement, enough that what grows with their square shows. */
const MANY = 4_000;

/** What tasks go through, each step in one statement; a task is in a step once. */
const STEPS: readonly (readonly Row[])[] = [
  [ofTask(1, 'started', { config_txn_seq: 6 }), ofTask(4, 'started')],
  [ofTask(1, 'failed'), ofTask(4, 'completed')],
  // Asked for again, not before a time; and a new one.
  [ofTask(1, 'pending', { not_before: 99 }), ofTask(5, 'pending', { factory_name: 'command' })],
  [ofTask(1, 'started')],
  [ofTask(1, 'completed')],
  [ofTask(2, 'skipped', { skip_cause: 'dependency' }), ofTask(5, 'started')],
  // What had ended has ended.
  [ofTask(5, 'failed')],
  [ofTask(5, 'dismissed'), ofTask(2, 'pending')],
];

test.skipIf(SERVER === undefined)(
  'states follow the log alike, whether its records come one by one, some of different tasks together, or all of them',
  async () => {
    const comings: readonly (readonly (readonly Row[])[])[] = [
      STEPS.flat().map((row) => [row]),
      STEPS,
      [STEPS.flat()],
    ];
    const found: (readonly unknown[])[] = [];
    for (const statements of comings) {
      const client = await newTables();
      await prepare(client);
      for (const rows of statements) await insert(client, rows);
      found.push(await statesIn(client));
    }
    const [byOne, ...others] = found;
    expect(byOne).toMatchObject([
      {
        state: 'completed',
        attempts: '2',
        needs_left: 0,
        reopened: true,
        config_txn_seq: '6',
        not_before: null,
      },
      { state: 'pending', attempts: '0', needs_left: 0, reopened: true, skip_cause: null },
      { state: 'pending', attempts: '0', needs_left: 1, reopened: false },
      { state: 'completed', attempts: '1', needs_left: 0, reopened: false },
      { state: 'dismissed', attempts: '1', needs_left: 0, reopened: false, factory_name: 'command' },
    ]);
    for (const other of others) expect(other).toEqual(byOne);
  },
);

test.skipIf(SERVER === undefined)(
  'what many records of one statement cost does not depend on whether two of them are of one task',
  async () => {
    const client = await newTables();
    await insert(client, [ofCommit('begin'), ofCommit('data_committed', { data_fs_version: 7 })]);
    let first = 1;
    const timeOf = async (more: (from: number) => readonly Row[]): Promise<number> => {
      const from = first;
      first += MANY;
      const rows = Array.from({ length: MANY }, (_, at) => ofTask(from + at, 'pending'));
      const begun = performance.now();
      await insert(client, [...rows, ...more(from)]);
      return performance.now() - begun;
    };
    const [once, twice]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < 3; turn++) {
      once.push(await timeOf(() => []));
      twice.push(await timeOf((from) => [ofTask(from, 'failed')]));
    }
    const { rows } = await client.query(
      'SELECT state, count(*)::int AS tasks FROM task_states GROUP BY state ORDER BY state',
    );
    expect(rows).toEqual([
      { state: 'failed', tasks: 3 },
      { state: 'pending', tasks: 6 * MANY - 3 },
    ]);
    // Some thirty times as long where each record goes through all of them.
    expect(Math.min(...twice)).toBeLessThan(6 * Math.min(...once));
  },
  60_000,
);

test.skipIf(SERVER === undefined)(
  'a transaction is open from its beginning to its end, also where one statement adds these; who listens hears each kind of step once, but of beginnings nothing',
  async () => {
    const client = await newTables();
    const heard: unknown[] = [];
    client.on('notification', ({ payload }) => heard.push(payload));
    await client
      .query(`SELECT current_schema() AS name`)
      .then(({ rows }) => client.query(`LISTEN ${rows[0].name}`));
    const open = async () =>
      (await client.query('SELECT txn_id, data_committed FROM open_transactions')).rows;
    await insert(client, [
      ofCommit('begin'),
      ofCommit('data_committed'),
      ofTask(1, 'pending'),
      ofTask(2, 'pending'),
      ofTask(1, 'pending', { txn_seq: 8, parent_txn_seq: 8, txn_id: 'eighth' }),
    ]);
    expect(await open()).toEqual([{ txn_id: 'seventh', data_committed: 1 }]);
    await insert(client, [ofCommit('completed'), ofCommit('begin', { txn_seq: 8, txn_id: 'eighth' })]);
    expect(await open()).toEqual([{ txn_id: 'eighth', data_committed: 0 }]);
    await insert(client, [ofTask(1, 'started')]);
    await insert(client, [ofTask(2, 'started'), ofTask(1, 'completed')]);
    await insert(client, [ofTask(2, 'failed')]);
    expect(heard).toEqual(['pending', 'completed', 'failed']);
  },
);

test.skipIf(SERVER === undefined)(
  'that a task has completed is heard where a firing waits at the same commit, which may be of the same path',
  async () => {
    const client = await newTables();
    const heard: unknown[] = [];
    client.on('notification', ({ payload }) => heard.push(payload));
    const { rows } = await client.query('SELECT current_schema() AS name');
    await insert(client, [ofCommit('begin'), ofCommit('data_committed'), ofTask(1, 'pending')]);
    const firing = {
      record_type: 'firing_pending',
      transaction_type: 'firing',
      txn_id: '/etc/1@1',
      config_path: '/etc/1',
    };
    await insert(client, [ofTask(FIRST_OF_FIRINGS, 'pending', firing)]);
    await insert(client, [ofTask(1, 'started')]);
    await client.query(`LISTEN ${rows[0].name}`);
    await insert(client, [ofTask(1, 'completed')]);
    expect(heard).toEqual(['completed']);
  },
);

test.skipIf(SERVER === undefined)('the log of a server takes nothing that is not a record', async () => {
  const client = await newTables();
  await insert(client, [ofCommit('begin'), ofTask(1, 'pending')]);
  for (const row of [
    ofCommit('invented'),
    ofCommit('begin', { transaction_type: 'invented' }),
    ofCommit('post_commit_started'),
    ofTask(1, 'started', { transaction_type: 'firing' }),
    ofTask(1, 'started', { record_type: 'firing_started' }),
    ofCommit('data_committed', { transaction_type: 'read' }),
    ofTask(1, 'started', { parent_txn_seq: 6 }),
    ofCommit('post_commit_started', { transaction_type: 'post_commit', parent_txn_seq: 7, execution_seq: 1 }),
    ofCommit('post_commit_started', {
      transaction_type: 'post_commit',
      parent_txn_seq: 7,
      config_path: '/x',
    }),
    ofTask(1, 'skipped', { skip_cause: 'invented' }),
  ])
    await expect(insert(client, [row])).rejects.toThrow(/is_a_record/);
  for (const column of ['cli_args', 'environment', 'caused_by', 'report'])
    await expect(insert(client, [ofCommit('begin', { [column]: '{"half":' })])).rejects.toThrow(/json/);
  expect((await client.query('SELECT 1 FROM control_table')).rowCount).toBe(2);
});
