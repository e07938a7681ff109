import { isLeft, mapLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../../ports/clock.js';
import type { SqlError } from '../../ports/sql-database.js';
import type { ServerSession, ServerStatements, SqlServer } from '../../ports/sql-server.js';
import type { ControlError } from '../control-error.js';
import type { FirstLook } from '../records/first-look.js';
import { fromSqlError } from '../store/control-store.js';

/*
 * The lock is a session's: it ends with the process, or as soon as the server notices that the network is cut off. A process that
 * is suspended keeps its session, so the session is a lease, too: its holder says something each second, and whoever waits for the lock ends
 * one that has been silent for too long. What its holder does before it notices cannot become a commit: see `docs/decisions`.
 */

/** Milliseconds between two signs of a holder. */
const HEARTBEAT = 1_000;

/** Milliseconds of silence after which whoever waits for the lock ends the session that holds it. */
const SILENCE = 15_000;

/** The lock of a pond's writers in a database. It ends with the session that holds it. */
export interface ServerLock {
  /** The database, for people. */
  readonly name: string;
  /** The lock if nobody has it; null: somebody has, here or elsewhere. Does not wait. `looks`: asks, on the same journey, what its holder wants to know first. */
  readonly tryAcquire: (looks?: boolean) => TE.TaskEither<ControlError, HeldServerLock | null>;
  /** Tells whether anybody holds it now; never takes it, not even for a moment. */
  readonly isHeld: () => TE.TaskEither<ControlError, boolean>;
  readonly close: () => void;
}

/** A held lock. */
export interface HeldServerLock {
  /** Lets go of it. The server's answer is waited for by whoever needs it next, and not here. */
  readonly release: () => Promise<void>;
  /** Tells whether it is held still; asks the server, unless that has said so just now. */
  readonly isHeldStill: () => Promise<boolean>;
  /** Counts how often anybody has taken the lock: where it follows on one's own, nobody had it in between. */
  readonly turn: number;
  /** Rows that were asked for with the lock, and looked for once that was taken; null: none were, or they did not come. */
  readonly seen: FirstLook | null;
}

/** The session that the lock belongs to. */
interface Kept {
  readonly session: ServerSession;
  /** Time of the last question that the server has answered. */
  heard: number;
  lost: boolean;
}

/** Parts that a lock is made of. `firstLook` asks what whoever has taken it asks first. */
interface LockCapabilities {
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly firstLook: (all: ServerStatements['all']) => Promise<FirstLook>;
}

/** The lock under a pond's schema. One session is kept for it, since a writer that waits asks often. */
export const serverLock = (
  server: SqlServer,
  schema: string,
  { clock, firstLook }: LockCapabilities,
): ServerLock => {
  const key = { name: `${schema} writer` };
  let kept: Kept | null = null;
  let held = false;
  /** Resolves once the server has taken back what was let go of last. */
  let freed: Promise<void> = Promise.resolve();
  /** Time at which it was looked last for a holder that is silent. */
  let looked = Number.NEGATIVE_INFINITY;

  const own = (): TE.TaskEither<SqlError, Kept> =>
    kept !== null && !kept.lost
      ? TE.right(kept)
      : pipe(
          server.session(),
          TE.map((session) => {
            const fresh: Kept = { session, heard: clock.monotonicMs(), lost: false };
            void session.ended.then(() => {
              fresh.lost = true;
            });
            kept = fresh;
            return fresh;
          }),
        );

  /** Asks something that only a session that is alive answers. */
  const heard = async (mine: Kept): Promise<boolean> => {
    const asked = clock.monotonicMs();
    const answer = await mine.session.use(({ all }) => all('SELECT 1'))();
    if (isLeft(answer)) mine.lost = true;
    else mine.heard = asked;
    return !mine.lost;
  };

  const keepUp = async (mine: Kept, over: AbortSignal): Promise<void> => {
    while (!over.aborted) {
      await clock.sleep(HEARTBEAT, over);
      if (over.aborted || !(await heard(mine))) return;
    }
  };

  /** Lets go of the lock: whatever is asked next by the session comes after that. A session that has not done so is ended, which does. */
  const letGo = async (mine: Kept): Promise<void> => {
    const answer = await mine.session.use(({ all }) => all(UNLOCK, key))();
    if (!isLeft(answer)) return;
    mine.lost = true;
    await mine.session.end();
  };

  const holding = (mine: Kept, turn: number, seen: FirstLook | null): HeldServerLock => {
    const over = new AbortController();
    mine.heard = clock.monotonicMs();
    void keepUp(mine, over.signal);
    return {
      turn,
      seen,
      isHeldStill: async () => {
        if (mine.lost) return false;
        return clock.monotonicMs() - mine.heard < HEARTBEAT || (await heard(mine));
      },
      release: async () => {
        over.abort();
        held = false;
        if (!mine.lost) freed = letGo(mine);
      },
    };
  };

  const endSilent = (mine: Kept): TE.TaskEither<SqlError, unknown> => {
    if (clock.monotonicMs() - looked < HEARTBEAT) return TE.right(null);
    looked = clock.monotonicMs();
    return mine.session.use(({ all }) => all(END_SILENT, key));
  };

  const take = (looks: boolean): TE.TaskEither<SqlError, HeldServerLock | null> =>
    pipe(
      own(),
      TE.flatMap((mine) =>
        pipe(
          // Each statement sees what has been committed when it begins: the look, what was when the lock was there. Where the look fails, the tables are
          // asked again, and say why.
          mine.session.use(({ all }) =>
            Promise.all([all(TRY, key), looks ? firstLook(all).catch(() => null) : null]),
          ),
          TE.flatMap(([[row], seen]) =>
            typeof row?.turn === 'number'
              ? TE.right(holding(mine, row.turn, seen))
              : pipe(
                  endSilent(mine),
                  TE.map(() => null),
                ),
          ),
        ),
      ),
    );

  return {
    name: server.name,
    tryAcquire:
      (looks = false) =>
      async () => {
        // A session may take its own lock twice.
        if (held) return right(null);
        held = true;
        const taken = await take(looks)();
        if (isLeft(taken) || taken.right === null) held = false;
        // What has failed once is not asked again, and what it may have taken all the same is given back.
        if (isLeft(taken) && kept !== null) {
          kept.lost = true;
          void kept.session.end();
        }
        return mapLeft(fromSqlError)(taken);
      },
    isHeld: () =>
      pipe(
        TE.fromTask(() => freed),
        TE.flatMap(() => server.read((all) => all(`SELECT 1 ${HOLDERS} LIMIT 1`, key))),
        TE.bimap(fromSqlError, (rows) => rows.length > 0),
      ),
    close: () => {
      const last = kept;
      void freed.then(() => last?.session.end());
    },
  };
};

const TRY = `SELECT CASE WHEN pg_try_advisory_lock(hashtextextended(@name, 0)) THEN nextval('writer_turns') END AS turn`;
const UNLOCK = 'SELECT pg_advisory_unlock(hashtextextended(@name, 0))';
const HOLDERS = `FROM pg_locks, hashtextextended(@name, 0) AS key
  WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295`;

/** Ends sessions that hold the lock and have been silent; those of roles that this one may not end are left alone. */
const END_SILENT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE pid IN (SELECT pid ${HOLDERS}) AND pg_has_role(usesysid, 'MEMBER')
    AND state_change < clock_timestamp() - interval '${SILENCE / 1000} s'`;
