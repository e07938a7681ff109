import { left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import pg from 'pg';
import type { SqlError } from '../../ports/sql-database.js';
import type { SqlServer, SqlServers } from '../../ports/sql-server.js';
import { endingStuck } from './end-stuck.js';
import { connected, connectionTo, ServerConnection, settings, statementsOn } from './postgres-connection.js';
import { listenOn } from './postgres-notices.js';
import { openSession } from './postgres-session.js';
import { runTransaction, type Sign } from './postgres-transaction.js';
import { refuseSharedSessions } from './refuse-pooling.js';
import { isPassing, READ_ONLY, serverError } from './server-errors.js';

/** Connections of one process for one pond: what it writes is written one transaction after the other. */
const CONNECTIONS = 4;

/** Milliseconds between two looks at what became of a commit whose answer was lost, and for how long it is looked. */
const LOOKING = 500;
const LOOKING_FOR = 30_000;

/** Databases of PostgreSQL, by `pg`. */
export const postgresServers: SqlServers = {
  open: (address, { schema }) => {
    const name = withoutCredentials(address);
    return attempt(name, async () => {
      const own = new Set<number>();
      const pool = new pg.Pool({
        ...connectionTo(address),
        Client: ServerConnection,
        pipeline: true,
        max: CONNECTIONS,
        idleTimeoutMillis: 30_000,
        allowExitOnIdle: true,
        onConnect: async (client) => {
          own.add(await prepareConnection(client, schema));
        },
      });
      // What breaks is found by the statement that is under way, or by who uses the connection next.
      pool.on('connect', (client) => {
        client.on('error', () => undefined);
      });
      pool.on('remove', (client) => own.delete(serverProcessOf(client)));
      pool.on('error', () => undefined);
      try {
        await refuseSharedSessions(pool, serverProcessOf);
      } catch (problem) {
        await pool.end();
        throw problem;
      }
      return serverOf({ address, name, schema, pool, isOwn: (one) => own.has(one) });
    });
  },
};

interface Opened {
  readonly address: string;
  readonly name: string;
  readonly schema: string;
  readonly pool: pg.Pool;
  readonly isOwn: (serverProcess: number) => boolean;
}

const serverProcesses = new WeakMap<pg.ClientBase, number>();

/** Number of the server's process that serves a connection; notices carry that of who gave them. */
const serverProcessOf = (client: pg.ClientBase): number => serverProcesses.get(client) ?? 0;

/** Makes the settings of a new connection, and asks which process serves it: what stands between may have given it another number. */
const prepareConnection = async (client: pg.ClientBase, schema: string): Promise<number> => {
  const answers: unknown = await client.query(`${settings(schema)}; SELECT pg_backend_pid() AS pid`);
  const last = Array.isArray(answers) ? answers.at(-1) : null;
  const pid = Number(last?.rows[0]?.pid);
  serverProcesses.set(client, pid);
  return pid;
};

const serverOf = ({ address, name, schema, pool, isOwn }: Opened): SqlServer => ({
  name,
  transaction: ({ durability, alone }, body) =>
    attempt(name, async () => {
      const client = await connected(pool.connect());
      const servedBy = serverProcessOf(client);
      let broken: Error | undefined;
      try {
        return await endingStuck({ address, schema, server: name, alone, servedBy }, () =>
          runTransaction(
            client,
            {
              durability,
              alone,
              mustHaveCommitted: (sign, lost) => {
                broken = lost instanceof Error ? lost : new Error('lost');
                return mustHaveCommitted(pool, { sign, servedBy }, lost);
              },
            },
            body,
          ),
        );
      } catch (problem) {
        if (isUseless(problem)) broken ??= problem instanceof Error ? problem : new Error('lost');
        else if (broken === undefined) broken = await rolledBack(client);
        throw problem;
      } finally {
        client.release(broken);
      }
    }),
  read: (body) =>
    attempt(name, async () => {
      const client = await connected(pool.connect());
      let broken: Error | undefined;
      try {
        return await body(statementsOn(client).all);
      } catch (problem) {
        if (isPassing(problem) && problem instanceof Error) broken = problem;
        throw problem;
      } finally {
        client.release(broken);
      }
    }),
  session: () => attempt(name, () => openSession(address, schema, name)),
  listen: (channel, onNotice) => listenOn(address, { schema, channel, isOwn }, onNotice),
  close: () => {
    if (!pool.ending) void pool.end();
  },
});

/** The connection is gone, or leads to where nothing can be written: another one may lead to the new primary, or have other settings. */
const isUseless = (problem: unknown): boolean =>
  isPassing(problem) || (problem instanceof pg.DatabaseError && problem.code === READ_ONLY);

/** The connection can be used again, or what is wrong with it. */
const rolledBack = async (client: pg.ClientBase): Promise<Error | undefined> => {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (problem) {
    return problem instanceof Error ? problem : new Error('lost');
  }
};

/**
 * The answer to a commit was lost: asks, by another connection, what became of the transaction. Returns where it has
 * committed, throws what was lost where it has not.
 */
const mustHaveCommitted = async (
  pool: pg.Pool,
  transaction: LostTransaction,
  lost: unknown,
): Promise<void> => {
  for (let waited = 0; waited < LOOKING_FOR; waited += LOOKING) {
    await new Promise((resolve) => setTimeout(resolve, LOOKING));
    try {
      const outcome = await outcomeOf(pool, transaction);
      if (outcome === 'committed') return;
      if (outcome === 'aborted') throw lost;
    } catch (problem) {
      if (problem === lost || !isPassing(problem)) throw problem;
    }
  }
  throw Object.assign(
    new Error('the connection was lost during a commit, and nobody says what became of it'),
    {
      code: 'EUNKNOWNCOMMIT',
    },
  );
};

/** A transaction whose connection was lost, and the number of the server's process that served that. */
interface LostTransaction {
  readonly sign: Sign;
  readonly servedBy: number;
}

/** Looks once what became of it; null: it is under way. */
const outcomeOf = async (
  pool: pg.Pool,
  { sign, servedBy }: LostTransaction,
): Promise<'committed' | 'aborted' | null> => {
  if (sign._tag === 'Id') {
    const { rows } = await pool.query<{ status: string | null }>(
      'SELECT pg_xact_status($1::xid8) AS status',
      [sign.id],
    );
    const status = rows[0]?.status;
    return status === 'committed' || status === 'aborted' ? status : null;
  }
  // All of it may have arrived: until its process has ended, it may commit.
  const { rows } = await pool.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [servedBy]);
  if (rows.length > 0) return null;
  const client = await connected(pool.connect());
  try {
    return (await sign.left(statementsOn(client).all)) ? 'committed' : 'aborted';
  } finally {
    client.release();
  }
};

/** Runs what speaks to the server; what that refuses, and the way to it, is a value. */
const attempt =
  <A>(name: string, work: () => Promise<A>): TaskEither<SqlError, A> =>
  async () => {
    try {
      return right(await work());
    } catch (problem) {
      return left(serverError(name, problem));
    }
  };

/** The address as people may see it. */
const withoutCredentials = (address: string): string => {
  if (!URL.canParse(address)) return 'a database';
  const url = new URL(address);
  url.username = '';
  url.password = '';
  url.search = '';
  return url.href;
};
