import { type Either, isLeft, left, mapLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Decoder } from 'io-ts';
import { keyErrors } from '../domain/documents/decode-error.js';
import type { Clock } from '../ports/clock.js';
import type { FileSystemError } from '../ports/file-system.js';
import type { Locks } from '../ports/locks.js';
import type { SqlDatabase, SqlDatabases, SqlError, SqlTransaction } from '../ports/sql-database.js';
import type { RunnerSeals } from './claim.js';
import type { ControlError } from './control-error.js';
import type { RunnerLocks } from './runner-locks.js';

/** Ports that a control table needs from outside. */
export interface ControlCapabilities {
  readonly databases: SqlDatabases;
  readonly locks: Locks;
  /** The clock by which what cannot be written while another process writes is tried again; without one it is not. */
  readonly clock?: WaitingClock;
  /** Seals of runners' rows; without them every row counts as made here. */
  readonly seals?: RunnerSeals;
}

type WaitingClock = Pick<Clock, 'monotonicMs' | 'sleep'>;

/** Store that the methods of a control table work on. */
export interface ControlStore {
  /** `control/control.db`. */
  readonly path: string;
  readonly database: SqlDatabase;
  /** The version that the database has, as far as this process knows. */
  version: number;
  readonly runnerLocks: RunnerLocks;
  readonly seals: RunnerSeals;
  /** Null: nothing is waited for. */
  readonly clock: WaitingClock | null;
}

/** Reads rows, inside a transaction or outside of one. */
export type ReadRows = SqlTransaction['all'];

/**
 * Carries an error out of a transaction's body: throwing is what makes the database roll back. It never leaves
 * this file's {@link transact} and {@link ask}.
 */
class Refusal extends Error {
  constructor(readonly at: (path: string) => ControlError) {
    super('refused');
  }
}

/** Error to throw in a transaction's body: rolls it back and returns `error`. */
export const refusal = (error: ControlError): Error => new Refusal(() => error);

/** Error to throw where a record would not follow legally from those before it. */
export const illegal = (message: string): Error =>
  new Refusal((path) => ({ _tag: 'ControlFailed', path, code: 'ILLEGAL_SEQUENCE', message }));

/** Error to throw where what is stored cannot be what this program wrote. */
export const unusable = (problem: string): Error =>
  new Refusal((path) => ({ _tag: 'ControlUnusable', path, problem }));

/** Milliseconds for which a transaction is tried again while another process is writing. */
const PATIENCE = { durable: 60_000, relaxed: 5_000 } as const;

/** The same for how an attempt has ended: what is not recorded is done again. */
export const PATIENCE_OF_ENDS = 600_000;

/** Milliseconds between two tries: few at first. The first ones are SQLite's own. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/**
 * Runs `body` in one transaction of the control database. While another process holds a transaction of its own (a
 * person with `sqlite3`, a backup), it waits, and the rest of this process goes on. `body` may be called again.
 */
export const transact =
  <A>(
    store: ControlStore,
    durability: 'durable' | 'relaxed',
    body: (transaction: SqlTransaction) => A,
    patienceMs: number = PATIENCE[durability],
  ): TaskEither<ControlError, A> =>
  async () => {
    const attempt = () =>
      catchRefusal(store, () => mapLeft(fromSqlError)(store.database.transaction(durability, body)()));
    const { clock } = store;
    let result = attempt();
    if (clock === null) return result;
    const begun = clock.monotonicMs();
    for (let pause = FIRST_PAUSE; isBusy(result); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      if (clock.monotonicMs() - begun >= patienceMs) break;
      await clock.sleep(pause);
      result = attempt();
    }
    return result;
  };

/** Tells whether another process has been writing for as long as was waited. */
export const isBusy = <A>(result: Either<ControlError, A>): boolean =>
  isLeft(result) && result.left._tag === 'ControlFailed' && result.left.code.startsWith('SQLITE_BUSY');

/** Reads without a transaction: each query sees one state of the database. */
export const ask =
  <A>(store: ControlStore, body: (read: ReadRows) => A): TaskEither<ControlError, A> =>
  async () =>
    catchRefusal(store, () =>
      right(
        body((query, parameters) => {
          const rows = store.database.query(query, parameters)();
          if (isLeft(rows)) throw refusal(fromSqlError(rows.left));
          return rows.right;
        }),
      ),
    );

/** Runs what reads rows; where one is not what it should be, returns that error. */
export const catchRefusal = <A>(
  store: Pick<ControlStore, 'path'>,
  work: () => Either<ControlError, A>,
): Either<ControlError, A> => {
  try {
    return work();
  } catch (problem) {
    if (problem instanceof Refusal) return left(problem.at(store.path));
    throw problem;
  }
};

/** Returns an error of SQLite's in the control table's words. */
export const fromSqlError = (error: SqlError | FileSystemError): ControlError => {
  if (error._tag === 'UnsafeFile') return error;
  const { path, code } = error;
  const message = error._tag === 'SqlError' ? error.message : `${error.call} failed`;
  if (UNUSABLE.some((known) => code.startsWith(known)))
    return { _tag: 'ControlUnusable', path, problem: message };
  if (DENIED.includes(code)) return { _tag: 'ControlUnreadable', path, message };
  if (code === 'SQLITE_READONLY') return { _tag: 'ControlReadOnly', path };
  return { _tag: 'ControlFailed', path, code, message };
};

const DENIED = ['SQLITE_PERM', 'EACCES', 'EPERM'];

const UNUSABLE = ['SQLITE_NOTADB', 'SQLITE_CORRUPT', 'UNSAFE_FILE'];

/** Reads a row into a value; what does not fit was not written by this program. */
export const decodeRow = <A>(decoder: Decoder<unknown, A>, row: unknown): A => {
  const decoded = decoder.decode(row);
  if (decoded._tag === 'Right') return decoded.right;
  const [first] = keyErrors(decoded.left);
  throw unusable(`column ${first?.key ?? '?'}: ${first?.message ?? 'not readable'}`);
};
