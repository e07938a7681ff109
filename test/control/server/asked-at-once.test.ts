import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { askAtOnce, prepare } from '../../../src/adapters/postgres/ask-at-once.js';
import { types } from '../../../src/adapters/postgres/column-types.js';
import { postgresServers } from '../../../src/adapters/postgres/postgres-server.js';
import { openServerControl } from '../../../src/control/open-server-control.js';
import type { AttemptRecord } from '../../../src/control/records/attempt-record.js';
import { begin, commit, must, record, run, start, task } from '../steps.js';
import { temporaryDirectory } from '../table.js';
import { pondOf, SERVER } from './on-server.js';
import { relayTo } from './relay.js';

/** Bytes that a socket takes of a client that is suspended then, at the least. */
const TAKEN = 8_192;

/** Something between a client and the server that hands on all, until it is told to stop: of the connection that next takes the pond's lock so many bytes. */
const stoppingRelay = async () => {
  let isToStop = false;
  let stopped: () => void = () => undefined;
  const relay = await relayTo(new URL(String(SERVER)), (client, upstream) => {
    let left = Number.POSITIVE_INFINITY;
    client.on('data', (data) => {
      if (isToStop && /pond-alone|pg_advisory_xact_lock/.test(data.toString('latin1'))) {
        isToStop = false;
        left = TAKEN;
      }
      upstream.write(data.subarray(0, left));
      if (data.length > left) stopped();
      left = Math.max(0, left - data.length);
    });
    upstream.pipe(client);
  });
  return {
    relay,
    stop: () => {
      isToStop = true;
      return new Promise<void>((resolve) => {
        stopped = resolve;
      });
    },
  };
};

const tableAt = async (address: string, pondId: string) => {
  const { table } = await must(
    openServerControl({ servers: postgresServers, clock: nodeClock, onLost: () => undefined })(
      address,
      pondId,
      { create: true },
    ),
  );
  onTestFinished(table.close);
  return table;
};

test.skipIf(SERVER === undefined)(
  'a process that is suspended while it sends a long record stands in the way of the others for some ten seconds only',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const { relay, stop } = await stoppingRelay();
    const table = await tableAt(relay, pondId);
    await run(table, 'a');
    const claims = await commit(
      table,
      1,
      [1, 2, 3].map((seq) => task(seq, `/${seq}`)),
      'a',
    );
    for (const claim of claims) await start(table, claim);
    const endOf = (place: number, output: string | null): AttemptRecord => {
      const claim = claims[place];
      if (claim === undefined) throw new Error('not claimed');
      return { _tag: 'Completed', claim, end: { attempt: 1, timestamp: 60, durationMs: 1, output } };
    };
    const recorded = { right: { _tag: 'Recorded' } };
    // Also where nothing stops, and on a connection that has prepared all.
    const said = 'x'.repeat(100_000);
    expect(await table.recordAttempts([endOf(0, said)])()).toMatchObject([recorded]);
    expect(await table.recordAttempts([endOf(1, null)])()).toMatchObject([recorded]);
    const stopped = stop();
    const suspended = table.recordAttempts([endOf(2, said)])();
    await stopped;
    const begun = performance.now();
    const other = await tableAt(String(SERVER), pondId);
    await commit(other, 2, [task(1, '/x')], null);
    expect(performance.now() - begun).toBeLessThan(20_000);
    // Nobody stops what it sends by the next connection.
    expect(await suspended).toMatchObject([recorded]);
    expect((await must(other.getPostCommitTasks(1))).map(({ state }) => state)).toEqual(
      claims.map(() => 'completed'),
    );
  },
  60_000,
);

test.skipIf(SERVER === undefined)(
  'a process that is suspended in the middle of the first statement of a long commit, which no limit of the server ends, is ended by who waits for it',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const { relay, stop } = await stoppingRelay();
    const table = await tableAt(relay, pondId);
    const tasks = Array.from({ length: 2_000 }, (_, index) => task(index + 1, `/etc/system.d/${index}`));
    await begin(table, 1);
    const stopped = stop();
    const suspended = record(table, 1, tasks)();
    await stopped;
    const begun = performance.now();
    const other = await tableAt(String(SERVER), pondId);
    await commit(other, 2, [task(1, '/x')], null);
    expect(performance.now() - begun).toBeLessThan(30_000);
    // Who goes on in time records it by the next connection.
    expect(await suspended).toMatchObject({ right: [] });
    expect(await must(other.getPostCommitTasks(1))).toHaveLength(tasks.length);
  },
  90_000,
);

test.skipIf(SERVER === undefined)(
  'a statement that was prepared and would return other columns by now is refused once, and prepared again',
  async () => {
    const client = new pg.Client({ connectionString: String(SERVER), types });
    await client.connect();
    onTestFinished(() => client.end());
    await client.query('CREATE TEMPORARY TABLE changing AS SELECT 1 AS a');
    const ask = async () => {
      const asked = [{ name: 'all', text: 'SELECT * FROM changing', values: [] }];
      await prepare(client, asked);
      return askAtOnce(client, asked);
    };
    expect(await ask()).toEqual([[{ a: 1 }]]);
    await client.query('ALTER TABLE changing ADD COLUMN b INTEGER');
    await expect(ask()).rejects.toThrow('cached plan must not change result type');
    expect(await ask()).toEqual([[{ a: 1, b: null }]]);
  },
);
