import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Type } from 'io-ts';
import { keyErrors } from '../../domain/documents/decode-error.js';
import { decoded } from '../../domain/documents/decoded.js';
import type { Clock } from '../../ports/clock.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { Locks } from '../../ports/locks.js';
import type { SqlDatabases, SqlError } from '../../ports/sql-database.js';
import { SERVER_TRY_AGAIN } from '../../ports/sql-server.js';
import type { ControlError } from '../control-error.js';
import type { ClaimOrder, ReadyClaim } from '../fleet-table.js';
import type { AttemptOutcome, AttemptRecord } from '../records/attempt-record.js';
import type { RunnerSeals } from '../records/claim.js';
import type { KeptPlaces, StoredPlan } from '../records/commit-record.js';
import type { NewRecord } from '../records/control-record.js';
import type { ControlTransaction, ReadRows } from './control-transaction.js';
import type { Coroutine } from './coroutine.js';
import type { SignsOfLife } from './signs-of-life.js';

/** Ports that a control table needs from outside. */
export interface ControlCapabilities {
  readonly databases: SqlDatabases;
  readonly locks: Locks;
  /** The clock by which what cannot be written while another process writes is tried again; without one it is not. */
  readonly clock?: WaitingClock;
  /** Seals of runners' rows; without them every row counts as made here. */
  readonly seals?: RunnerSeals;
}

/** Plain records and claims that were made with them. */
export interface RecordedPlain {
  readonly outcomes: readonly (AttemptOutcome | null)[];
  readonly claims: readonly ReadyClaim[];
  /** Nothing else was ready for the worker that claims, and no end is left that could change that. */
  readonly isAll: boolean;
}

type WaitingClock = Pick<Clock, 'monotonicMs' | 'sleep'>;

/** Store that the methods of a control table work on. */
export interface ControlStore {
  /** Name of the database for people: `control/control.db`, or its address without credentials. */
  readonly path: string;
  readonly connection: ControlConnection;
  /** The version that the database has, as far as this process knows. */
  version: number;
  readonly signs: SignsOfLife;
  readonly seals: RunnerSeals;
  /** Keeps what decides when new tasks may be taken one by one; null: whoever takes tasks takes a commit's. */
  readonly keepPlaces:
    | ((transaction: ControlTransaction, parentTxnSeq: number, places: KeptPlaces) => Coroutine<void>)
    | null;
  /** Adds many records with one statement; null: one after the other costs no more. */
  readonly appendAll:
    | ((transaction: ControlTransaction, records: readonly NewRecord[]) => Coroutine<void>)
    | null;
  /**
   * Records at once what of some records is plain, a first attempt that nothing stands in the way of, and ends of such; returns the outcome
   * of each, null where it is to be recorded by itself, and what `order` has claimed with them. Null: all are recorded by themselves.
   */
  readonly recordPlain:
    | ((
        transaction: ControlTransaction,
        records: readonly AttemptRecord[],
        order: ClaimOrder | null,
      ) => Coroutine<RecordedPlain>)
    | null;
  /**
   * Records beginnings, and commits that nothing follows, each as all of a transaction; returns false where nothing was recorded, since it
   * is to be refused, or is more than that. Null: all are recorded with all their rules.
   */
  readonly plain: {
    readonly begin: (transaction: ControlTransaction, begin: NewRecord) => Coroutine<boolean>;
    readonly commit: (
      transaction: ControlTransaction,
      of: Pick<NewRecord, 'txnId' | 'txnSeq'>,
      plan: StoredPlan,
      records: readonly NewRecord[],
    ) => Coroutine<boolean>;
  } | null;
  /** Order of this process's worker. */
  readonly order: { current: ClaimOrder | null };
  /** Null: nothing is waited for. */
  readonly clock: WaitingClock | null;
}

/** A limit that limits nothing. */
export const ALL = Number.MAX_SAFE_INTEGER;

/**
 * The database under a control table, in this process or behind a network. Its statements are written once, in what
 * SQLite and PostgreSQL have in common; see `docs/decisions`.
 */
export interface ControlConnection {
  /**
   * Tries once to run `body` in one transaction, which sees everything committed before, and beside which nobody writes to
   * this control table.
   */
  readonly transaction: <A>(
    durability: 'durable' | 'relaxed',
    body: (transaction: ControlTransaction) => Coroutine<A>,
  ) => Promise<Either<ControlError, A>>;
  /** Reads without a transaction: each query sees one state of the database. */
  readonly ask: <A>(body: (read: ReadRows) => Coroutine<A>) => Promise<Either<ControlError, A>>;
}

/**
 * Carries an error out of a transaction's body: throwing is what makes the database roll back. A connection makes an
 * error of it again, by {@link refusedWith}.
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
    { connection, clock }: Pick<ControlStore, 'connection' | 'clock'>,
    durability: 'durable' | 'relaxed',
    body: (transaction: ControlTransaction) => Coroutine<A>,
    patienceMs: number = PATIENCE[durability],
  ): TaskEither<ControlError, A> =>
  () =>
    repeatedly(clock, patienceMs, isBusy, () => connection.transaction(durability, body));

/** Does something again while it may succeed the next time, for so many milliseconds. */
const repeatedly = async <A>(
  clock: WaitingClock | null,
  patienceMs: number,
  again: (result: Either<ControlError, A>) => boolean,
  work: () => Promise<Either<ControlError, A>>,
): Promise<Either<ControlError, A>> => {
  let result = await work();
  if (clock === null || !again(result)) return result;
  const begun = clock.monotonicMs();
  for (let pause = FIRST_PAUSE; again(result); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    if (clock.monotonicMs() - begun >= patienceMs) break;
    await clock.sleep(pause);
    result = await work();
  }
  return result;
};

/** Tells whether another process has been writing for as long as was waited, or the database could not be reached. */
export const isBusy = <A>(result: Either<ControlError, A>): boolean =>
  isUnreached(result) ||
  (isLeft(result) && result.left._tag === 'ControlFailed' && result.left.code.startsWith('SQLITE_BUSY'));

const isUnreached = <A>(result: Either<ControlError, A>): boolean =>
  isLeft(result) && result.left._tag === 'ControlFailed' && result.left.code === SERVER_TRY_AGAIN;

/** Reads without a transaction: each query sees one state of the database. A server that is restarted meanwhile is asked again. */
export const ask =
  <A>(
    { connection, clock }: Pick<ControlStore, 'connection' | 'clock'>,
    body: (read: ReadRows) => Coroutine<A>,
  ): TaskEither<ControlError, A> =>
  () =>
    repeatedly(clock, PATIENCE.relaxed, isUnreached, () => connection.ask(body));

/** Runs what reads rows; where one is not what it should be, returns that error. */
export const catchRefusal = <A>(
  store: Pick<ControlStore, 'path'>,
  work: () => Either<ControlError, A>,
): Either<ControlError, A> => {
  try {
    return work();
  } catch (problem) {
    return left(refusedWith(store, problem));
  }
};

/** The error that a body refused with; anything else that it threw is thrown again. */
export const refusedWith = ({ path }: Pick<ControlStore, 'path'>, problem: unknown): ControlError => {
  if (problem instanceof Refusal) return problem.at(path);
  throw problem;
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
  const remedy = error._tag === 'SqlError' ? error.remedy : undefined;
  return { _tag: 'ControlFailed', path, code, message, ...(remedy === undefined ? {} : { remedy }) };
};

const DENIED = ['SQLITE_PERM', 'EACCES', 'EPERM'];

const UNUSABLE = ['SQLITE_NOTADB', 'SQLITE_CORRUPT', 'UNSAFE_FILE'];

/** Reads a row into a value; what does not fit was not written by this program. */
export const decodeRow = <A>(codec: Type<A, unknown>, row: unknown): A => {
  const read = decoded(codec, row);
  if (read._tag === 'Right') return read.right;
  const [first] = keyErrors(read.left);
  throw unusable(`column ${first?.key ?? '?'}: ${first?.message ?? 'not readable'}`);
};
