import type { IOEither } from 'fp-ts/lib/IOEither.js';

/** A statement or the database itself failed. */
export interface SqlError {
  readonly _tag: 'SqlError';
  /** The database file. */
  readonly path: string;
  /** SQLite's extended result code, `SQLITE_FULL`, `SQLITE_CORRUPT` ... */
  readonly code: string;
  readonly message: string;
}

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * Inside one transaction. Failures throw; {@link SqlDatabase.transaction} turns them into a {@link SqlError}.
 * Whatever else the body throws rolls the transaction back as well and passes through.
 */
export interface SqlTransaction {
  /** Runs a statement; answers the number of rows that it changed. */
  readonly run: (statement: string, parameters?: Readonly<Record<string, SqlValue>>) => number;
  readonly all: (query: string, parameters?: Readonly<Record<string, SqlValue>>) => readonly SqlRow[];
}

/** A small embedded SQL database (SQLite in WAL mode). Calls are synchronous: each takes microseconds. */
export interface SqlDatabase {
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
  readonly close: () => void;
}

/** Opens databases. */
export interface SqlDatabases {
  /** Opens the database at `path`; `create` makes it, and its directory, where it is missing, otherwise that is an error (`SQLITE_CANTOPEN`). */
  readonly open: (path: string, options: { readonly create: boolean }) => IOEither<SqlError, SqlDatabase>;
}
