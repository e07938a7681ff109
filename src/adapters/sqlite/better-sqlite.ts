import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type {
  SqlDatabase,
  SqlDatabases,
  SqlError,
  SqlRow,
  SqlTransaction,
} from '../../ports/sql-database.js';

/** Milliseconds that a transaction waits for another process' transaction before it fails with `SQLITE_BUSY`. */
const BUSY_TIMEOUT = 5_000;

/**
 * In WAL mode FULL fsyncs the log at each commit, and with it whatever NORMAL commits wrote before; NORMAL leaves
 * that to the operating system, so that only power loss can take a commit back, in order, never in part.
 */
const SYNCHRONOUS = { durable: 'FULL', relaxed: 'NORMAL' } as const;

/** SQLite databases by better-sqlite3. A missing directory of a database that is created is made, too. */
export const betterSqlite: SqlDatabases = {
  open: (path, { create }) =>
    attempt(path, () => {
      if (create) makeDirectory(dirname(path));
      return sqlDatabase(path, connect(path, create));
    }),
};

const sqlDatabase = (path: string, connection: Database.Database): SqlDatabase => {
  const prepared = new Map<string, Statement>();
  const statement = (sql: string): Statement => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const fresh: Statement = connection.prepare<unknown[], SqlRow>(sql);
    prepared.set(sql, fresh);
    return fresh;
  };
  const all: SqlTransaction['all'] = (query, parameters) =>
    parameters === undefined ? statement(query).all() : statement(query).all(parameters);
  const inside: SqlTransaction = {
    run: (sql, parameters) =>
      (parameters === undefined ? statement(sql).run() : statement(sql).run(parameters)).changes,
    all,
  };

  let synchronous: 'FULL' | 'NORMAL' | null = null;
  const synchronise = (wanted: 'FULL' | 'NORMAL') => {
    // SQLite refuses the change inside a transaction, so it stands before BEGIN, and only where it is one.
    if (synchronous !== wanted) connection.exec(`PRAGMA synchronous = ${wanted}`);
    synchronous = wanted;
  };

  return {
    transaction: (durability, body) =>
      attempt(path, () => {
        synchronise(SYNCHRONOUS[durability]);
        inside.run('BEGIN IMMEDIATE');
        try {
          const answer = body(inside);
          inside.run('COMMIT');
          return answer;
        } catch (problem) {
          // Some failures (a full disk) have rolled back already.
          if (connection.inTransaction) inside.run('ROLLBACK');
          throw problem;
        }
      }),
    snapshot: (body) =>
      attempt(path, () => {
        inside.run('BEGIN DEFERRED');
        try {
          return body(all);
        } finally {
          if (connection.inTransaction) inside.run('ROLLBACK');
        }
      }),
    query: (query, parameters) => attempt(path, () => all(query, parameters)),
    close: () => {
      connection.close();
    },
  };
};

type Statement = Database.Statement<unknown[], SqlRow>;

/** What SQLite refuses becomes a value; anything else that a body throws is its own and passes through. */
const attempt =
  <A>(path: string, work: () => A) =>
  (): Either<SqlError, A> => {
    try {
      return right(work());
    } catch (problem) {
      if (!(problem instanceof Database.SqliteError)) throw problem;
      return left({ _tag: 'SqlError', path, code: problem.code, message: problem.message });
    }
  };

const connect = (path: string, create: boolean): Database.Database => {
  const missing = !create && !existsSync(path);
  try {
    const connection = new Database(path, { fileMustExist: !create, timeout: BUSY_TIMEOUT });
    try {
      // The first statement that reads the file: what is not a database is found here. A no-op on a WAL database.
      connection.pragma('journal_mode = WAL');
      return connection;
    } catch (problem) {
      connection.close();
      throw problem;
    }
  } catch (problem) {
    // better-sqlite3's word for a missing directory.
    if (problem instanceof TypeError) throw new Database.SqliteError(problem.message, 'SQLITE_CANTOPEN');
    // What is there and cannot be opened must not look like what is missing.
    if (problem instanceof Database.SqliteError && problem.code === 'SQLITE_CANTOPEN' && !missing) {
      throw new Database.SqliteError(problem.message, 'SQLITE_PERM');
    }
    throw problem;
  }
};

/** SQLite fsyncs the directory that it makes files in; that directory's own entry is up to us. */
const makeDirectory = (directory: string): void => {
  try {
    const topmost = mkdirSync(directory, { recursive: true });
    if (topmost === undefined) return;
    const descriptor = openSync(dirname(topmost), 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (problem) {
    throw new Database.SqliteError(`cannot make ${directory}: ${String(problem)}`, 'SQLITE_CANTOPEN');
  }
};
