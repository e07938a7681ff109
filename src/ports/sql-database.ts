import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { FileSystemError } from './file-system.js';

/** A statement or the database itself failed. */
export interface SqlError {
  readonly _tag: 'SqlError';
  /** The database file. */
  readonly path: string;
  /** SQLite's extended result code, `SQLITE_FULL`, `SQLITE_CORRUPT` ...; `UNSAFE_FILE` for what is not opened at all. */
  readonly code: string;
  readonly message: string;
  /** Remedy, where the code does not say so. */
  readonly remedy?: string;
}

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * The inside of one transaction. Failures throw; {@link SqlDatabase.transaction} turns them into a {@link SqlError}.
 * Whatever else the body throws rolls the transaction back as well and passes through.
 */
export interface SqlTransaction {
  /** Runs a statement; returns the number of rows that it changed. */
  readonly run: (statement: string, parameters?: Readonly<Record<string, SqlValue>>) => number;
  readonly all: (query: string, parameters?: Readonly<Record<string, SqlValue>>) => readonly SqlRow[];
}

/** A small embedded SQL database (SQLite in WAL mode). Calls are synchronous: each takes microseconds. */
export interface SqlDatabase {
  /**
   * Reason why the file cannot be written here, so that this is a private copy of it as it was when it was opened: `SQLITE_READONLY`, `HARD_LINK`, or
   * that of a full disk. Transactions of it fail with that. Null: it can be written.
   */
  readonly notWritable: SqlError | null;
  /**
   * Runs `body` in one immediate transaction: it sees everything committed before and nobody writes beside it.
   * `durable` ones survive power loss once this returned; others may be lost with the power, but not with the process.
   */
  readonly transaction: <A>(
    durability: 'durable' | 'relaxed',
    body: (transaction: SqlTransaction) => A,
  ) => IOEither<SqlError, A>;
  /** Many queries that see one state of the database, whatever is committed meanwhile. Keeps nobody from writing. */
  readonly snapshot: <A>(body: (read: SqlTransaction['all']) => A) => IOEither<SqlError, A>;
  /** A query outside a transaction. */
  readonly query: (
    query: string,
    parameters?: Readonly<Record<string, SqlValue>>,
  ) => IOEither<SqlError, readonly SqlRow[]>;
  /** Runs statements about temporary tables, views and triggers: they are this connection's and never in the file. */
  readonly session: (body: (session: SqlTransaction) => void) => IOEither<SqlError, void>;
  readonly close: () => void;
}

/** Opens databases. What is in them may be anybody's: nothing that a schema says is run because of opening one. */
export interface SqlDatabases {
  /**
   * Opens the database at `path`; `create` makes it, and its directory, where it is missing, otherwise that is an error
   * (`SQLITE_CANTOPEN`). A symlink, a special file, and a database with a rollback journal beside it are refused
   * (`UNSAFE_FILE`). Where it may be read and not written, or has another name by a hard link, a private copy is opened,
   * in which writing is an error.
   */
  readonly open: (
    path: string,
    options: { readonly create: boolean },
  ) => IOEither<SqlError | FileSystemError, SqlDatabase>;
}
