import type { Socket } from 'node:net';
import { isRight } from 'fp-ts/lib/Either.js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { postgresServers } from '../../../src/adapters/postgres/postgres-server.js';
import { NOTHING_BEGINS } from '../../../src/control/fleet-table.js';
import { openServerControl } from '../../../src/control/open-server-control.js';
import type { AttemptRecord } from '../../../src/control/records/attempt-record.js';
import { begin, claimOne, commit, must, record, run, start, task } from '../steps.js';
import { temporaryDirectory } from '../table.js';
import { pondOf, SERVER } from './on-server.js';
import { relayTo } from './relay.js';

/** What becomes of a connection in the middle of a transaction. */
type Breaks =
  | 'before the commit arrives'
  | 'after the commit, with all answers but that to the commit'
  | 'after the commit, with no answer';

/** The message that ends what is asked at once, and commits it. */
const COMMITS = Buffer.from('S\0\0\0\x04', 'latin1');

/** Something between a client and the server; `next`: how the connection breaks that next asks at once. */
const between = async (address: URL) => {
  let next: Breaks | null = null;
  const relay = await relayTo(address, (client, upstream) => {
    let breaks: Breaks | null = null;
    client.on('data', (data) => {
      if (next !== null && data.includes('pond-alone')) {
        breaks = next;
        next = null;
      }
      const isLost = breaks === 'before the commit arrives' && data.subarray(-COMMITS.length).equals(COMMITS);
      // The server undoes what it has been asked for and was not told to commit.
      upstream.write(isLost ? data.subarray(0, -COMMITS.length) : data);
      if (isLost) client.destroy();
    });
    forwardAnswers(upstream, client, () => breaks);
  });
  return {
    address: relay,
    break: (how: Breaks) => {
      next = how;
    },
  };
};

/** Passes messages on one by one: where a connection breaks, none from the first answer on, or all but that the server is ready again. */
const forwardAnswers = (from: Socket, to: Socket, breaks: () => Breaks | null): void => {
  let rest = Buffer.alloc(0);
  from.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 1 + rest.readUInt32BE(1)) {
      const length = 1 + rest.readUInt32BE(1);
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      const isReady = String.fromCharCode(message[0] ?? 0) === 'Z';
      const how = breaks();
      if (how === null || (how === 'after the commit, with all answers but that to the commit' && !isReady))
        to.write(message);
      if (how !== null && isReady) to.destroy();
    }
  });
};

const controlAt = async (
  address: string,
  pondId: string,
  onLost: (why: string) => void = () => undefined,
) => {
  const control = await must(
    openServerControl({ servers: postgresServers, clock: nodeClock, onLost: (_, why) => onLost(why) })(
      address,
      pondId,
      { create: true },
    ),
  );
  onTestFinished(control.table.close);
  return control;
};

const openedAt = async (...at: Parameters<typeof controlAt>) => (await controlAt(...at)).table;

/** A runner whose connections go through something that breaks them, with a task that runs and one that is to begin. */
const atWork = async () => {
  const pondId = pondOf(temporaryDirectory());
  const proxy = await between(new URL(String(SERVER)));
  const lost: string[] = [];
  const table = await openedAt(proxy.address, pondId, (why) => lost.push(why));
  await run(table, 'a');
  const [x, y] = await commit(table, 1, [task(1, '/x'), task(2, '/y')], 'a');
  if (x === undefined || y === undefined) throw new Error('not claimed');
  await start(table, x);
  const records: readonly AttemptRecord[] = [
    { _tag: 'Completed', claim: x, end: { attempt: 1, timestamp: 60, durationMs: 1 } },
    { _tag: 'Started', claim: y, attempt: { timestamp: 61, configTxnSeq: 1, traceParent: null } },
  ];
  return { pondId, proxy, lost, table, records };
};

test.skipIf(SERVER === undefined)(
  'records whose connection is lost before their commit has arrived are made again, once',
  async () => {
    const { proxy, lost, table, records } = await atWork();
    proxy.break('before the commit arrives');
    expect(await table.recordAttempts(records)()).toMatchObject([
      { right: { _tag: 'Recorded' } },
      { right: { _tag: 'Started', attempt: 1 } },
    ]);
    expect(lost).toEqual([]);
    const types = (await must(table.records({ txnId: 'txn-1' }))).map(({ recordType }) => recordType);
    expect(types.filter((type) => type === 'post_commit_completed')).toHaveLength(1);
    expect(types.filter((type) => type === 'post_commit_started')).toHaveLength(2);
  },
);

test
  .skipIf(SERVER === undefined)
  .each([
    'after the commit, with all answers but that to the commit',
    'after the commit, with no answer',
  ] as const)(
  'a runner that does not see what its committed records came to lives no longer: nothing is recorded twice, and others take what it began (%s)',
  async (how) => {
    const { pondId, proxy, lost, table, records } = await atWork();
    proxy.break(how);
    expect(await table.recordAttempts(records)()).toMatchObject([
      { left: { code: 'UNSEEN' } },
      { left: { code: 'UNSEEN' } },
    ]);
    expect(lost).toEqual(['the connection was lost, and with it the answers to what has been committed']);
    const other = await openedAt(String(SERVER), pondId);
    expect((await must(other.getPostCommitTasks(1))).map(({ state }) => state)).toEqual([
      'completed',
      'started',
    ]);
    await run(other, 'b');
    // The server notices a moment later that the runner's session has ended.
    const taken = await vi.waitFor(() => claimOne(other, 'b', 1, 2), 5_000);
    expect(await start(other, taken)).toMatchObject({ _tag: 'Started', attempt: 2 });
  },
);

test
  .skipIf(SERVER === undefined)
  .each([
    'before the commit arrives',
    'after the commit, with all answers but that to the commit',
    'after the commit, with no answer',
  ] as const)(
  'a transaction that begins, and one that commits and that nothing follows, are recorded once, and who records them hears so (%s)',
  async (how) => {
    const proxy = await between(new URL(String(SERVER)));
    const lost: string[] = [];
    const table = await openedAt(proxy.address, pondOf(temporaryDirectory()), (why) => lost.push(why));
    proxy.break(how);
    await begin(table, 1);
    proxy.break(how);
    expect(await must(record(table, 1, []))).toEqual([]);
    const types = (await must(table.records({ txnId: 'txn-1' }))).map(({ recordType }) => recordType);
    expect(types).toEqual(['begin', 'data_committed', 'completed']);
    expect(lost).toEqual([]);
    // What the statement itself leaves alone is refused in words.
    expect(await record(table, 1, [])()).toMatchObject({ left: { code: 'ILLEGAL_SEQUENCE' } });
    expect(await record(table, 2, [])()).toMatchObject({ left: { code: 'ILLEGAL_SEQUENCE' } });
  },
);

test.skipIf(SERVER === undefined)(
  'a worker whose claims nobody has told it of lives no longer; of claims that never arrived, and are made again, it hears',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const proxy = await between(new URL(String(SERVER)));
    const lost: string[] = [];
    const { table, fleet } = await controlAt(proxy.address, pondId, (why) => lost.push(why));
    await run(table, 'a');
    await commit(table, 1, [task(1, '/x')], null);
    await commit(table, 2, [task(1, '/y')], null);
    const claim = async (limit: number, held: readonly number[]) =>
      fleet.claimReady(
        { runnerId: 'a', host: 'here', queues: ['any'] },
        { limit, now: 1_000, beginning: NOTHING_BEGINS, held },
      )();
    proxy.break('before the commit arrives');
    const first = await claim(1, []);
    expect(first).toMatchObject({ right: [{ parentTxnSeq: 1 }] });
    expect(lost).toEqual([]);
    proxy.break('after the commit, with no answer');
    const held = isRight(first) ? first.right.map(({ token }) => token) : [];
    expect(await claim(1, held)).toMatchObject({ left: { code: 'UNSEEN' } });
    expect(lost).toHaveLength(1);
  },
);
