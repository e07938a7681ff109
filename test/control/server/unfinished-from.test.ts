import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { settings } from '../../../src/adapters/postgres/postgres-connection.js';
import { postgresServers } from '../../../src/adapters/postgres/postgres-server.js';
import { translateStatement } from '../../../src/adapters/postgres/translate-statement.js';
import { NOTHING_BEGINS } from '../../../src/control/fleet-table.js';
import { openServerControl, type ServerControl } from '../../../src/control/open-server-control.js';
import { openingQuestion } from '../../../src/control/server/fleet.js';
import { schemaOf } from '../../../src/control/server/install-schema.js';
import { claimQuestion } from '../../../src/control/server/ready-tasks.js';
import { tracesOf } from '../../../src/control/server/traces.js';
import type { Question } from '../../../src/control/store/control-transaction.js';
import { INCOMPLETE } from '../../../src/control/transactions/transaction-questions.js';
import { printTaskId } from '../../../src/domain/plans/task-id.js';
import { begin, commit, first, must, run, start, task, txnIdOf } from '../steps.js';
import { temporaryDirectory } from '../table.js';
import { pondOf, SERVER } from './on-server.js';

const WORKER = { runnerId: 'a', queues: ['any'], host: 'here' };

/** A pond's tables, a runner, and a person's connection. */
const opened = async () => {
  const pondId = pondOf(temporaryDirectory());
  const control = await must(
    openServerControl({ servers: postgresServers, clock: nodeClock, onLost: () => undefined })(
      String(SERVER),
      pondId,
      { create: true },
    ),
  );
  onTestFinished(control.table.close);
  await run(control.table, WORKER.runnerId);
  return { control, client: await connected(schemaOf(pondId)) };
};

const connected = async (schema: string): Promise<pg.Client> => {
  const client = new pg.Client(SERVER);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(settings(schema));
  await client.query('SET idle_in_transaction_session_timeout = 0');
  return client;
};

const take = async ({ fleet }: ServerControl) =>
  must(fleet.claimReady(WORKER, { limit: 100, now: 1_000, beginning: NOTHING_BEGINS, held: [] }));

/** Commits with ten tasks each, of which each is taken, and ends; the last fails. */
const work = async (control: ServerControl, from: number, to: number): Promise<void> => {
  for (let txnSeq = from; txnSeq <= to; txnSeq += 1) {
    const tasks = Array.from({ length: 10 }, (_, place) => task(place + 1, `/etc/${place + 1}`));
    await commit(control.table, txnSeq, tasks);
    for (const claim of await take(control)) {
      await start(control.table, claim);
      const end = { attempt: claim.attempts + 1, timestamp: 60, durationMs: 1 };
      await must(
        claim.executionSeq < 10
          ? control.table.recordPostCommitCompleted(claim, end)
          : control.table.recordPostCommitFailed(claim, { ...end, errorMessage: 'broken', next: 'release' }),
      );
    }
  }
};

/** Moves on as a worker does each second. */
const moveOn = async (control: ServerControl, client: pg.Client): Promise<void> => {
  await client.query(`UPDATE unfinished_from SET moved_at = 'epoch'`);
  await must(control.fleet.sweep());
};

/** Pages that a question looks at; what it changes is taken back. */
const pagesOf = async (client: pg.Client, [statement, parameters]: Question): Promise<number> => {
  const { text, names } = translateStatement(statement);
  const values = names.map((name) => client.escapeLiteral(String(parameters?.[name])));
  // Planned as a connection of the product's plans it, without a look at the values.
  await client.query(`PREPARE asked AS ${text}`);
  await client.query('BEGIN');
  const { rows } = await client.query(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked${values.length === 0 ? '' : `(${values.join(', ')})`}`,
  );
  await client.query('ROLLBACK');
  await client.query('DEALLOCATE asked');
  const [{ Plan: plan }] = rows[0]['QUERY PLAN'];
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
};

test.skipIf(SERVER === undefined)(
  'what a worker asks again and again costs no more when many tasks have ended, and a long transaction of somebody else keeps them from being cleaned up',
  { timeout: 60_000 },
  async () => {
    const { control, client } = await opened();
    const questions = {
      claim: claimQuestion(WORKER, { limit: 10, now: 1_000, beginning: NOTHING_BEGINS }),
      traces: tracesOf([], { worker: WORKER, held: [] }),
    };
    await work(control, 1, 2);
    await moveOn(control, client);
    const somebody = await connected('public');
    await somebody.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await somebody.query('SELECT 1 FROM pg_class LIMIT 1');
    const before = [await pagesOf(client, questions.claim), await pagesOf(client, questions.traces)];
    await work(control, 3, 22);
    await moveOn(control, client);
    const after = [await pagesOf(client, questions.claim), await pagesOf(client, questions.traces)];
    // Ended tasks of 20 commits would be three pages each and more.
    expect(after.map((pages, place) => pages - Number(before[place]) < 60)).toEqual([true, true]);
  },
);

test.skipIf(SERVER === undefined)(
  'what follows the end of a task costs no more where many others are ready, or wait for the same one',
  { timeout: 60_000 },
  async () => {
    const { control, client } = await opened();
    const { table } = control;
    const pages: number[] = [];
    for (const [place, tasks] of [20, 2_000].entries()) {
      const txnSeq = place + 1;
      await commit(
        table,
        txnSeq,
        Array.from({ length: tasks }, (_, at) => task(at + 1, `/etc/${txnSeq}/${at + 1}`)),
      );
      // The last ten need the tenth, and something else that is not over.
      await client.query(
        `INSERT INTO task_needs SELECT $1, seq, needs FROM generate_series($2::int - 9, $2::int) AS seq, (VALUES (10), (11)) AS n (needs)`,
        [txnSeq, tasks],
      );
      await client.query(
        'UPDATE task_states SET needs_left = 2 WHERE parent_txn_seq = $1 AND execution_seq > $2',
        [txnSeq, tasks - 10],
      );
      const ended = (await take(control)).slice(0, 10);
      for (const claim of ended) {
        await start(table, claim);
        await must(table.recordPostCommitCompleted(claim, { attempt: 1, timestamp: 60, durationMs: 1 }));
      }
      const asked = ended.map((claim) => ({
        parent_txn_seq: claim.parentTxnSeq,
        execution_seq: claim.executionSeq,
      }));
      await client.query('UPDATE unfinished_from SET parent_txn_seq = $1', [txnSeq]);
      const question: Question = [
        `SELECT set_config('pond.tells_itself', 'turned', TRUE), after_ends(NULL, NULL, NULL, @ends::json, @tasks::bigint,
           TRUE, @commit_seq::bigint, @last_seq::bigint)`,
        { ends: JSON.stringify(asked), tasks: ended.length, commit_seq: txnSeq, last_seq: 10 },
      ];
      // The first time a connection reads what it plans by.
      await pagesOf(client, question);
      pages.push(await pagesOf(client, question));
      await client.query(`UPDATE task_states SET state = 'skipped' WHERE parent_txn_seq = $1`, [txnSeq]);
      await client.query('DELETE FROM claims');
    }
    const [few = 0, many = 0] = pages;
    expect(few).toBeGreaterThan(10);
    // Some twenty thousand where it goes through those that are ready.
    expect(many - few).toBeLessThan(1_000);
  },
);

test.skipIf(SERVER === undefined)(
  'an ended task of an earlier commit that is asked for again is found, however far the others are',
  async () => {
    const { control, client } = await opened();
    const { table } = control;
    await work(control, 1, 3);
    await moveOn(control, client);
    const ends = async () => (await client.query('SELECT parent_txn_seq FROM unfinished_from')).rows;
    expect(await ends()).toEqual([{ parent_txn_seq: '3' }]);
    const asked = table.recordPostCommitPending('a', [{ parentTxnSeq: 1, executionSeq: 10 }], {
      timestamp: 70,
      configTxnSeq: null,
    });
    await must(table.release(first((await must(asked)).claimed)));
    await moveOn(control, client);
    expect((await take(control)).map(printTaskId)).toEqual(['1.10']);
  },
);

test.skipIf(SERVER === undefined)(
  'a task that waits, or that somebody is at, keeps the place where the unfinished begin',
  async () => {
    const { control, client } = await opened();
    const { table } = control;
    await commit(table, 1, [task(1, '/etc/1'), task(2, '/etc/2')]);
    const [held, ...others] = await take(control);
    if (held === undefined) throw new Error('nothing was taken');
    for (const claim of others) await must(table.release(claim));
    await moveOn(control, client);
    const kept = async () => {
      const { rows } = await client.query('SELECT execution_seq::int, token::int FROM unfinished_from');
      return rows[0];
    };
    expect(await kept()).toEqual({ execution_seq: 1, token: held.token });
    await start(table, held);
    await must(table.recordPostCommitCompleted(held, { attempt: 1, timestamp: 60, durationMs: 1 }));
    await moveOn(control, client);
    expect(await kept()).toMatchObject({ execution_seq: 2 });
    expect((await take(control)).map(printTaskId)).toEqual(['1.2']);
  },
);

test.skipIf(SERVER === undefined)(
  'a commit is opened, and what is under way is looked up, without going through the records of other commits, or of tasks',
  { timeout: 60_000 },
  async () => {
    const { control, client } = await opened();
    const questions = (txnSeq: number): readonly Question[] => [
      openingQuestion(txnIdOf(txnSeq)),
      [INCOMPLETE, {}],
    ];
    const pages = async (txnSeq: number) => {
      const found: number[] = [];
      for (const question of questions(txnSeq)) found.push(await pagesOf(client, question));
      return found;
    };
    await commit(control.table, 1, [task(1, '/etc/1')]);
    await client.query('ANALYZE control_table');
    const before = await pages(1);
    const many = Array.from({ length: 3_000 }, (_, place) => task(place + 1, `/etc/${place + 1}`));
    for (let txnSeq = 2; txnSeq < 6; txnSeq += 1) await commit(control.table, txnSeq, many);
    await begin(control.table, 6);
    await client.query('ANALYZE control_table');
    const after = await pages(5);
    // A page has some thirty records, of which there are twelve thousand.
    expect(after.map((one, place) => one - Number(before[place]) < 200)).toEqual([true, true]);
  },
);
