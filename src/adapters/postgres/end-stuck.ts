import { openSession } from './postgres-session.js';

/*
 * A transaction of a client that is suspended, or cut off in a way that its system still acknowledges, is ended by the server's own limit while it
 * waits for the next statement. While it waits for the rest of one whose first message has arrived, no limit of the server's counts: such a one is ended by those who wait.
 */

/** Milliseconds that a transaction waits before it looks who is in its way, and between two such looks. */
const PATIENCE = 15_000;
const LOOKING = 5_000;

/** Transaction that may have to wait, and the database that it is in. */
interface Waiting {
  readonly address: string;
  readonly schema: string;
  /** The database, for people. */
  readonly server: string;
  /** The name under which only one transaction at a time is under way. */
  readonly alone: string;
  /** Number of the server's process that serves it. */
  readonly servedBy: number;
}

/** Runs a transaction; ends, while that lasts for long, whoever is alone in its place and has for long been silent in the middle of a statement. */
export const endingStuck = async <A>(waiting: Waiting, transaction: () => Promise<A>): Promise<A> => {
  let isOver = false;
  let timer = setTimeout(lookAgain, PATIENCE);
  function lookAgain(): void {
    void endStuck(waiting).then(() => {
      if (!isOver) timer = setTimeout(lookAgain, LOOKING);
    });
  }
  try {
    return await transaction();
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
};

/**
 * Looks on a connection of its own: those of the pool may all be waiting. Where it cannot look, or may not end what it finds, the transaction goes on
 * waiting as long as a statement may, and fails by that.
 */
const endStuck = async ({ address, schema, server, alone, servedBy }: Waiting): Promise<void> => {
  const opened = await openSession(address, schema, server).catch(() => null);
  if (opened === null) return;
  await opened.use(({ all }) => all(END_STUCK, { name: alone, mine: servedBy }))();
  await opened.end();
};

/** A role may end its own sessions, and those of roles that it is a member of; of others it does not see what they wait for. */
const END_STUCK = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE pid <> @mine AND state = 'active' AND wait_event_type = 'Client' AND wait_event = 'ClientRead'
    AND state_change < clock_timestamp() - interval '${PATIENCE / 1000} s' AND pg_has_role(usesysid, 'MEMBER')
    AND pid IN (SELECT pid FROM pg_locks, hashtextextended(@name, 0) AS key
      WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295)`;
