// Questions and statements by which a commit to a shared pond goes to its database (`npm run test:interop -- --only fleet`), and what becomes of the lock where something is wrong with them.

import { left } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryUserState } from '../../src/adapters/memory/memory-user-state.js';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import { postgresServers } from '../../src/adapters/postgres/postgres-server.js';
import { assemble } from '../../src/composition-root.js';
import { openServerControl } from '../../src/control/open-server-control.js';
import { livePorts } from '../../src/live-ports.js';
import type { ServerSession, ServerStatements, SqlServer, SqlServers } from '../../src/ports/sql-server.js';
import { type PromisedSteward, promisedSteward, settle } from '../../src/promised-steward.js';
import type { StewardPorts } from '../../src/steward/steward-ports.js';
import { must } from '../control/steps.js';
import { removeFolder } from '../crash/machinery/built-ponds.js';
import { memoryLogger } from '../support/memory-logger.js';
import { memoryStore } from '../support/memory-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { pondIdIn, put, textOf } from './world.js';

const SERVER = process.env.POND_TEST_POSTGRES;
const ADDRESS = 's3://bucket/pond';
const LOCK = 'pg_try_advisory_lock';

const isLook = (statement: string): boolean => !statement.includes('advisory') && statement !== 'SELECT 1';

describe.skipIf(SERVER === undefined)('a commit, and the database of its pond', () => {
  const database = new URL(SERVER ?? 'postgres://nowhere');
  const control = `postgres://${database.username}@${database.host}${database.pathname}`;
  const store = memoryStore({});
  const { logger, lines } = memoryLogger();
  let folder = '';
  /** Each question of a commit as it is asked, and as it is answered. */
  let said: string[] = [];
  let failReads = false;
  let failLooks = false;

  const saying = async <A>(what: string, answer: Promise<A>): Promise<A> => {
    said.push(what);
    try {
      return await answer;
    } finally {
      said.push(`${what} answered`);
    }
  };
  const sessionOf = (session: ServerSession): ServerSession => ({
    ...session,
    use: (work) =>
      session.use((statements) => {
        const all: ServerStatements['all'] = (statement, parameters) => {
          if (statement.includes(LOCK)) return saying('lock', statements.all(statement, parameters));
          if (!isLook(statement)) return statements.all(statement, parameters);
          return failLooks
            ? Promise.reject(new Error('no look'))
            : saying('look', statements.all(statement, parameters));
        };
        return work({ ...statements, all });
      }),
  });
  const watched = (server: SqlServer): SqlServer => ({
    ...server,
    read: (body) => () =>
      failReads
        ? Promise.resolve(left({ _tag: 'SqlError', path: server.name, code: '42501', message: 'no read' }))
        : saying('read', server.read(body)()),
    transaction: (how, body) => () => saying('transaction', server.transaction(how, body)()),
    session: () => async () => {
      const opened = await server.session()();
      return opened._tag === 'Left' ? opened : { ...opened, right: sessionOf(opened.right) };
    },
  });
  const servers: SqlServers = {
    open: (address, options) => async () => {
      const opened = await postgresServers.open(address, options)();
      return opened._tag === 'Left' ? opened : { ...opened, right: watched(opened.right) };
    },
  };

  const ports: StewardPorts = {
    ...livePorts(logger),
    userState: memoryUserState(),
    stores: { open: () => async () => ({ _tag: 'Right', right: store }) },
    controlServers: { servers, endSelf: () => undefined },
  };
  const program = assemble(ports);
  const open = async (machine: string): Promise<PromisedSteward> =>
    promisedSteward(
      await settle(program.open(ADDRESS, { cache: `${folder}/${machine}`, control, lockTimeoutMs: 3_000 })),
    );
  let pond: PromisedSteward;

  beforeAll(async () => {
    folder = temporaryFolder('asked-of-the-database');
    process.env.PGPASSWORD = database.password;
    await settle(program.init(ADDRESS, { cache: `${folder}/first`, control }));
    pond = await open('first');
    await put(pond, '/first.txt');
  });
  afterAll(async () => {
    await pond.close();
    await removeFolder(folder);
  });
  beforeEach(() => {
    said = [];
    failReads = false;
    failLooks = false;
  });

  it('has three waits for it: what runs around it, the lock, and a look after that, are asked at once, then come its beginning and its record', async () => {
    await put(pond, '/a.txt');
    const commit = said.slice(0, said.lastIndexOf('transaction answered') + 1);
    const asked = commit.slice(0, 4);
    expect(asked).toContain('read');
    // What is seen is seen under the lock.
    expect(asked.filter((what) => what !== 'read')).toEqual(['lock', 'look', 'look']);
    expect(commit.slice(4, 8).toSorted()).toEqual([
      'lock answered',
      'look answered',
      'look answered',
      'read answered',
    ]);
    expect(commit.slice(8)).toEqual([
      'transaction',
      'transaction answered',
      'transaction',
      'transaction answered',
    ]);
  });

  it('looks again by itself where nothing was seen with the lock', async () => {
    failLooks = true;
    await put(pond, '/unseen.txt');
    expect(said.filter((what) => what === 'read')).toHaveLength(3);
    expect(await textOf(pond, '/unseen.txt')).toBe('/unseen.txt');
  });

  it('lets go of a lock that came while something else was found to be in the way', async () => {
    failReads = true;
    await expect(put(pond, '/refused.txt')).rejects.toMatchObject({ _tag: 'ControlFailed' });
    failReads = false;
    expect(said).toContain('lock');
    const other = await open('other');
    await put(other, '/others.txt');
    await put(pond, '/own.txt');
    await other.close();
  });

  it('ends what a dead writer has begun, also where the look with the lock has found it', async () => {
    const opening = openServerControl({
      servers: postgresServers,
      clock: nodeClock,
      onLost: () => undefined,
    });
    const { table } = await must(opening(control, pondIdIn(store), { create: false }));
    const newest = (await must(table.newestCommit())).commit;
    const [txnSeq, version] = [(newest?.txnSeq ?? 0) + 1, (newest?.dataFsVersion ?? 0) + 1];
    await must(
      table.recordBegin({
        txnSeq,
        txnId: 'dead',
        basedOnSeq: txnSeq - 1,
        transactionType: 'write',
        timestamp: nodeClock.nowMicros(),
        cliArgs: [],
        traceParent: null,
        environment: { pid: 1 },
        intendedVersion: version,
      }),
    );
    await put(pond, '/after.txt');
    const records = await must(table.records({ txnId: 'dead' }));
    expect(records.map(({ recordType }) => recordType)).toEqual(['begin', 'failed']);
    // Nobody becomes the version that it was to be.
    expect((await must(table.newestCommit())).commit?.dataFsVersion).toBe(version + 1);
    expect(await must(table.findIncompleteTransactions())).toEqual([]);
    table.close();
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
