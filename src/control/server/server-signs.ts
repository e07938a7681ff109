import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../../ports/clock.js';
import type { ServerSession, SqlServer } from '../../ports/sql-server.js';
import { fromSqlError, refusal } from '../store/control-store.js';
import { waitFor } from '../store/coroutine.js';
import type { SignsOfLife } from '../store/signs-of-life.js';

/*
 * A runner lives as long as both hold: its session has an advisory lock, and its lease, on the database's clock, has not
 * ended. The lock ends with the process, or as soon as the server notices that the network is cut off; the lease ends also
 * where a machine is suspended and its connection is not. A lease that has ended is not taken up again: by then others may
 * have taken what was the runner's. So a runner that finds that it has lost either is told so, and must end
 * what it has started before its lease ends.
 */

/** Milliseconds of a lease, and between two prolongations of it. */
const LEASE = 15_000;
const HEARTBEAT = 1_000;

/** Milliseconds after the last prolongation after which a runner counts itself as dead: before others may. */
const GIVEN_UP = 8_000;

/** Capabilities by which runners' signs are kept up. */
export interface LeaseCapabilities {
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  /** Hears once that a runner of this process lives no longer, as far as others know. */
  readonly onLost: (runnerId: string, why: string) => void;
}

interface Held {
  readonly session: ServerSession;
  /** Aborted when its runner has ended, or has been lost. */
  readonly over: AbortController;
}

/** Signs of life that a server keeps. */
export interface ServerSigns extends SignsOfLife {
  /** Gives up all runners of this process: it cannot tell what they hold, so others must take it. */
  readonly loseAll: (why: string) => void;
}

/** Keeps them up on sessions of this process. */
export const serverSigns = (server: SqlServer, { clock, onLost }: LeaseCapabilities): ServerSigns => {
  const held = new Map<string, Held>();

  const lose = (runnerId: string, sign: Held, why: string): void => {
    if (sign.over.signal.aborted) return;
    sign.over.abort();
    held.delete(runnerId);
    void sign.session.end();
    onLost(runnerId, why);
  };

  const keepUp = async (runnerId: string, sign: Held): Promise<void> => {
    void sign.session.ended.then(() => lose(runnerId, sign, 'its connection to the control table was lost'));
    let prolonged = clock.monotonicMs();
    const { signal } = sign.over;
    const watch = async (): Promise<void> => {
      while (!signal.aborted) {
        await clock.sleep(HEARTBEAT, signal);
        if (clock.monotonicMs() - prolonged > GIVEN_UP)
          lose(runnerId, sign, 'its lease could not be prolonged in time');
      }
    };
    void watch();
    // Its row is there a moment after its sign.
    let wasThere = false;
    while (!signal.aborted) {
      await clock.sleep(HEARTBEAT, signal);
      if (signal.aborted) return;
      const asked = clock.monotonicMs();
      const beat = await sign.session.use(({ run }) => run(PROLONG, { runner_id: runnerId }))();
      if (signal.aborted) return;
      if (isLeft(beat)) lose(runnerId, sign, `its lease could not be prolonged: ${beat.left.message}`);
      else if (beat.right > 0) {
        wasThere = true;
        prolonged = asked;
      } else if (wasThere) {
        // Its own end removes the row a moment before the sign.
        await clock.sleep(HEARTBEAT, signal);
        lose(runnerId, sign, 'its lease has ended');
      }
    }
  };

  const takeAway = (runnerId: string): Promise<void> => {
    const sign = held.get(runnerId);
    if (sign === undefined) return Promise.resolve();
    held.delete(runnerId);
    sign.over.abort();
    return sign.session.end();
  };

  return {
    give: (runnerId) =>
      waitFor(async () => {
        // The transaction that announces it may be tried again.
        if (held.has(runnerId)) return true;
        const opened = await server.session()();
        if (isLeft(opened)) throw refusal(fromSqlError(opened.left));
        const session = opened.right;
        const locked = await session.use(({ all }) => all(LOCK, { runner_id: runnerId }))();
        if (isLeft(locked)) throw refusal(fromSqlError(locked.left));
        if (locked.right[0]?.locked !== 1) {
          await session.end();
          return false;
        }
        const sign: Held = { session, over: new AbortController() };
        held.set(runnerId, sign);
        void keepUp(runnerId, sign);
        return true;
      }),
    liveness: (read) => {
      let live: ReadonlySet<string> | null = null;
      return function* (runnerId) {
        live ??= new Set((yield* read(LIVE)).map((row) => String(row.runner_id)));
        return live.has(runnerId);
      };
    },
    takeAway: (runnerId) => TE.fromTask(() => takeAway(runnerId)),
    abandon: (runnerId) => void takeAway(runnerId),
    clear: () => TE.right(undefined),
    loseAll: (why) => {
      for (const [runnerId, sign] of [...held]) lose(runnerId, sign, why);
    },
    takeAllAway: () => {
      for (const runnerId of [...held.keys()]) void takeAway(runnerId);
    },
  };
};

const LOCK = `SELECT CASE WHEN pg_try_advisory_lock(hashtextextended(current_schema() || ' ' || @runner_id, 0)) THEN 1 ELSE 0 END AS locked`;

const PROLONG = `UPDATE runners SET lease_until = clock_timestamp() + interval '${LEASE / 1000} s'
  WHERE runner_id = @runner_id AND lease_until > clock_timestamp()`;

/** Runners whose session holds their lock, and whose lease has not ended. */
export const LIVE = `SELECT runner_id FROM runners, hashtextextended(current_schema() || ' ' || runner_id, 0) AS key
  WHERE lease_until > clock_timestamp() AND EXISTS (
  SELECT 1 FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295)`;
