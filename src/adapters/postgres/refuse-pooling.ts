import type pg from 'pg';
import { connected } from './postgres-connection.js';

/** Code of the error that refuses a server whose sessions are not the client's. */
const POOLED = 'EPOOLED';

/** Error where sessions of the server are handed out for as long as a transaction or a statement takes: a lock or a setting of a session would be anybody's. */
class SessionsAreShared extends Error {
  readonly code = POOLED;
  override readonly message =
    'something between this process and PostgreSQL (PgBouncer?) gives each transaction, or each statement, another session, and locks and LISTEN need sessions of their own: connect to PostgreSQL itself, or set pool_mode = session';
}

/** Words to whoever begins a transaction where each statement has another session (pool_mode = statement). */
const NO_TRANSACTIONS = /transaction blocks not allowed in statement pooling/i;

const begin = async (client: pg.ClientBase): Promise<void> => {
  try {
    await client.query('BEGIN');
  } catch (problem) {
    throw problem instanceof Error && NO_TRANSACTIONS.test(problem.message)
      ? new SessionsAreShared()
      : problem;
  }
};

/** Number of the process that serves a connection at this moment. */
const servingProcess = async (client: pg.ClientBase): Promise<number> => {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
};

/**
 * Refuses what hands out sessions of the server by transaction. It gives a client a number of its own for its server's process, so that nothing is asked
 * for where there is nothing between. While one client is in a transaction the other one keeps its session, or has been given another.
 */
export const refuseSharedSessions = async (
  pool: pg.Pool,
  servedBy: (client: pg.ClientBase) => number,
): Promise<void> => {
  const client: pg.PoolClient & { readonly processID?: number } = await connected(pool.connect());
  try {
    if (client.processID === servedBy(client)) return;
    const before = await servingProcess(client);
    const other = await connected(pool.connect());
    try {
      await begin(other);
      const after = await servingProcess(client);
      await other.query('COMMIT');
      if (after !== before) throw new SessionsAreShared();
    } finally {
      other.release();
    }
  } finally {
    client.release();
  }
};
