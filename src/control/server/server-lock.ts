import { isLeft, mapLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { SqlError } from '../../ports/sql-database.js';
import type { ServerSession, SqlServer } from '../../ports/sql-server.js';
import type { ControlError } from '../control-error.js';
import { fromSqlError } from '../control-store.js';

/** The lock of a pond's writers in a database. It ends with the session that holds it. */
export interface ServerLock {
  /** The database, for people. */
  readonly name: string;
  /** The lock if nobody has it; null: somebody has, here or elsewhere. Does not wait. */
  readonly tryAcquire: () => TE.TaskEither<ControlError, HeldServerLock | null>;
  /** Tells whether anybody holds it now; never takes it, not even for a moment. */
  readonly isHeld: () => TE.TaskEither<ControlError, boolean>;
  readonly close: () => void;
}

/** A held lock. */
export interface HeldServerLock {
  readonly release: () => Promise<void>;
  /** Tells whether it is held no longer although nobody has let go of it: the connection was lost. */
  readonly isLost: () => boolean;
}

/** The session that the lock belongs to. */
interface Kept {
  readonly session: ServerSession;
  lost: boolean;
}

/** The lock under a pond's schema. One session is kept for it, since a writer that waits asks often. */
export const serverLock = (server: SqlServer, schema: string): ServerLock => {
  const key = { name: `${schema} writer` };
  let kept: Kept | null = null;
  let held = false;

  const own = (): TE.TaskEither<SqlError, Kept> =>
    kept !== null && !kept.lost
      ? TE.right(kept)
      : pipe(
          server.session(),
          TE.map((session) => {
            const fresh: Kept = { session, lost: false };
            void session.ended.then(() => {
              fresh.lost = true;
            });
            kept = fresh;
            return fresh;
          }),
        );

  const take: TE.TaskEither<SqlError, HeldServerLock | null> = pipe(
    () => own()(),
    TE.flatMap((mine) =>
      pipe(
        mine.session.use(({ all }) => all(TRY, key)),
        TE.map(([row]) =>
          row?.locked === 1
            ? {
                isLost: () => mine.lost,
                release: async () => {
                  held = false;
                  if (!mine.lost) await mine.session.use(({ all }) => all(UNLOCK, key))();
                },
              }
            : null,
        ),
      ),
    ),
  );

  return {
    name: server.name,
    tryAcquire: () => async () => {
      // A session may take its own lock twice.
      if (held) return right(null);
      held = true;
      const taken = await take();
      if (isLeft(taken) || taken.right === null) held = false;
      return mapLeft(fromSqlError)(taken);
    },
    isHeld: () =>
      pipe(
        server.read((all) => all(HELD, key)),
        TE.bimap(fromSqlError, (rows) => rows.length > 0),
      ),
    close: () => void kept?.session.end(),
  };
};

const TRY = `SELECT CASE WHEN pg_try_advisory_lock(hashtextextended(@name, 0)) THEN 1 ELSE 0 END AS locked`;
const UNLOCK = 'SELECT pg_advisory_unlock(hashtextextended(@name, 0))';
const HELD = `SELECT 1 FROM pg_locks, hashtextextended(@name, 0) AS key
  WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295 LIMIT 1`;
