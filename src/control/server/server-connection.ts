import { isLeft, left } from 'fp-ts/lib/Either.js';
import { SERVER_UNSEEN, type SqlServer } from '../../ports/sql-server.js';
import { type ControlConnection, fromSqlError, refusedWith } from '../store/control-store.js';
import { computed, runWaiting, waitFor } from '../store/coroutine.js';

/**
 * A database behind a network: each statement of a transaction is waited for. `schema`: the pond's, in which one transaction at a time is under way.
 * `onUnseen` hears of a transaction that has committed, and nobody here knows with what outcome.
 */
export const serverConnection = (
  server: SqlServer,
  schema: string,
  onUnseen: (why: string) => void,
): ControlConnection => {
  const at = { path: server.name };
  return {
    transaction: async (durability, body) => {
      try {
        const ran = await server.transaction({ durability, alone: schema }, ({ run, all, send, atOnce }) =>
          runWaiting(
            body({
              run: (statement, parameters) => waitFor(() => run(statement, parameters)),
              all: (query, parameters) => waitFor(() => all(query, parameters)),
              ahead: (query, parameters) =>
                computed(() => {
                  const answer = all(query, parameters);
                  return () => waitFor(() => answer);
                }),
              atOnce: (questions, traces, implied) =>
                waitFor(() =>
                  atOnce(
                    questions,
                    async (allNow) => traces !== null && (await allNow(...traces)).length > 0,
                    implied,
                  ),
                ),
              send: (statement, parameters) => computed(() => send(statement, parameters)),
            }),
          ),
        )();
        if (isLeft(ran) && ran.left.code === SERVER_UNSEEN) onUnseen(ran.left.message);
        return isLeft(ran) ? left(fromSqlError(ran.left)) : ran;
      } catch (problem) {
        const refused = refusedWith(at, problem);
        if (refused._tag === 'StaleToken') await countStale(server, schema);
        return left(refused);
      }
    },
    ask: async (body) => {
      try {
        const ran = await server.read((all) =>
          runWaiting(body((query, parameters) => waitFor(() => all(query, parameters)))),
        )();
        return isLeft(ran) ? left(fromSqlError(ran.left)) : ran;
      } catch (problem) {
        return left(refusedWith(at, problem));
      }
    },
  };
};

/** Counts an end that came too late, or from who holds the task no longer. That it is counted changes nothing about it. */
const countStale = (server: SqlServer, schema: string): Promise<unknown> =>
  server.transaction({ durability: 'relaxed', alone: schema }, ({ run }) =>
    run('UPDATE meta SET stale_refused = stale_refused + 1'),
  )();
