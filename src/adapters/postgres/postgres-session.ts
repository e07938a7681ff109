import { left, right } from 'fp-ts/lib/Either.js';
import pg from 'pg';
import type { ServerSession } from '../../ports/sql-server.js';
import {
  connected,
  connectionTo,
  holdingBack,
  ServerConnection,
  settings,
  statementsOn,
} from './postgres-connection.js';
import { serverError } from './server-errors.js';

/** Milliseconds within which a statement of a session has its result: what depends on it must know soon. */
const SOON = 5_000;

/** Opens a connection that is nobody else's. */
export const openSession = async (address: string, schema: string, name: string): Promise<ServerSession> => {
  const client = new ServerConnection({ ...connectionTo(address), query_timeout: SOON, pipeline: true });
  const ended = new Promise<void>((resolve) => {
    client.once('end', resolve);
    client.on('error', () => resolve());
  });
  let closing: Promise<void> | null = null;
  const end = () => {
    closing ??= client.end().catch(() => undefined);
    return closing;
  };
  try {
    await connected(client.connect().then(() => client.query(settings(schema))));
  } catch (problem) {
    void end();
    throw problem;
  }
  const statements = statementsOn(client);
  return {
    use: (work) => async () => {
      try {
        return right(await sentTogether(client, () => work(statements)));
      } catch (problem) {
        const error = serverError(name, problem);
        // Without a result nobody knows whether the session still is what it was.
        if (!isRefusal(problem)) void end();
        return left(error);
      }
    },
    ended,
    end,
  };
};

/** Begins work; what it asks before it waits for anything is sent in one piece. */
const sentTogether = <A>(client: pg.Client, work: () => Promise<A>): Promise<A> => {
  const held = holdingBack(client);
  held.hold();
  try {
    return work();
  } finally {
    held.sendNow();
  }
};

/** Tells whether the server has answered: the session is as good as before. */
const isRefusal = (problem: unknown): boolean =>
  problem instanceof pg.DatabaseError && problem.severity !== 'FATAL';
