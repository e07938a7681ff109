import { closeSync, fsyncSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import Database from 'better-sqlite3';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type {
  SqlDatabase,
  SqlDatabases,
  SqlError,
  SqlRow,
  SqlTransaction,
} from '../../ports/sql-database.js';
import {
  type DatabaseFile,
  lookAt,
  makePrivateFile,
  refuseAnotherLater,
  whatStandsAt,
} from './database-file.js';
import { withPrivateCopy } from './private-copy.js';
import { makePrivateDirectory } from './private-directory.js';

/** Milliseconds that opening waits for another process' transaction before it fails with `SQLITE_BUSY`. */
const BUSY_TIMEOUT = 5_000;

/** The same of a transaction: nothing else in this process happens meanwhile, so whoever wants to wait longer asks again. */
const BUSY_TIMEOUT_OF_TRANSACTIONS = 1_000;

/**
 * FULL, in WAL mode, fsyncs the log at each commit, and with it whatever NORMAL commits wrote before; NORMAL leaves
 * that to the operating system, so that only power loss can take a commit back, in order, never in part.
 */
const SYNCHRONOUS = { durable: 'FULL', relaxed: 'NORMAL' } as const;

/** SQLite databases by better-sqlite3. A missing directory of a database that is created is made, too. */
export const betterSqlite: SqlDatabases = {
  open: (path, { create }) =>
    attempt(path, () => {
      const file = lookAt(path);
      if (create && file._tag === 'Missing') {
        makeDirectory(dirname(path));
        makePrivateFile(path);
      }
      if (file._tag === 'ReadOnly') return copyOf(path, errorOf(path, NOT_HERE));
      if (file._tag === 'Linked') return copyOf(path, errorOf(path, linked(basename(path))));
      try {
        return sqlDatabase(path, connectTo(path, create, file), null);
      } catch (problem) {
        if (file._tag === 'Missing' || !isOfFullDisk(problem)) throw problem;
        return copyOf(path, errorOf(path, problem), problem);
      }
    }),
};

const NOT_HERE = new Database.SqliteError('it may not be written here', 'SQLITE_READONLY');

const linked = (name: string) =>
  new Database.SqliteError(
    `it has another name (a hard link), so a write would be one to both; give it a file of its own: cp -p ${name} own && mv own ${name}`,
    'HARD_LINK',
  );

/** The file beside a database by which its log is found has no room: a reader would have to make it, too. */
const isOfFullDisk = (problem: unknown): problem is InstanceType<typeof Database.SqliteError> =>
  problem instanceof Database.SqliteError && problem.code === 'SQLITE_IOERR_SHMSIZE';

/** A private copy. Where the place for copies is full as well, what the copy was wanted for says more than that it cannot be made. */
const copyOf = (path: string, why: SqlError, instead: unknown = null): SqlDatabase => {
  try {
    return sqlDatabase(path, withPrivateCopy(path, connect), why);
  } catch (problem) {
    throw instead ?? problem;
  }
};

const errorOf = (path: string, { code, message }: InstanceType<typeof Database.SqliteError>): SqlError => ({
  _tag: 'SqlError',
  path,
  code,
  message,
});

const sqlDatabase = (
  path: string,
  connection: Database.Database,
  notWritable: SqlError | null,
): SqlDatabase => {
  const prepared = new Map<string, Statement>();
  const statement = (sql: string): Statement => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const fresh = prepare(connection, sql);
    prepared.set(sql, fresh);
    return fresh;
  };
  const inside: SqlTransaction = {
    run: (sql, parameters) => {
      const { compiled, names } = statement(sql);
      return (names.length === 0 ? compiled.run() : compiled.run(valuesOf(names, parameters))).changes;
    },
    all: (query, parameters) => {
      const { compiled, names } = statement(query);
      return names.length === 0 ? compiled.all() : compiled.all(valuesOf(names, parameters));
    },
  };

  const refuseAnother = refuseAnotherLater(path);
  /** A private copy stays what it is. */
  const looked = <A>(work: () => A) =>
    attempt(path, () => {
      if (notWritable === null) refuseAnother();
      return work();
    });

  let synchronous: 'FULL' | 'NORMAL' | null = null;
  const synchronise = (wanted: 'FULL' | 'NORMAL') => {
    // SQLite refuses the change inside a transaction, so it stands before BEGIN, and only where it is one.
    if (synchronous !== wanted) connection.exec(`PRAGMA synchronous = ${wanted}`);
    if (synchronous === null) connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_OF_TRANSACTIONS}`);
    synchronous = wanted;
  };

  return {
    notWritable,
    transaction: (durability, body) =>
      attempt(path, () => {
        if (notWritable !== null) throw new Database.SqliteError(notWritable.message, notWritable.code);
        refuseAnother();
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
      looked(() => {
        inside.run('BEGIN DEFERRED');
        try {
          return body(inside.all);
        } finally {
          if (connection.inTransaction) inside.run('ROLLBACK');
        }
      }),
    query: (query, parameters) => looked(() => inside.all(query, parameters)),
    session: (body) => looked(() => body(inside)),
    close: () => {
      connection.close();
    },
  };
};

/** A statement that SQLite has compiled, with the names of its parameters in the order in which they are bound. */
interface Statement {
  readonly compiled: Database.Statement<unknown[], SqlRow>;
  readonly names: readonly string[];
}

/** Parameters are bound by their places: looking up the two dozen names of a record takes longer than binding them. */
const prepare = (connection: Database.Database, sql: string): Statement => {
  const names: string[] = [];
  const text = sql.replace(/@(\w+)/g, (_, name: string) => {
    names.push(name);
    return '?';
  });
  return { compiled: connection.prepare<unknown[], SqlRow>(text), names };
};

const valuesOf = (names: readonly string[], parameters: Parameters<SqlTransaction['all']>[1] = {}) =>
  names.map((name) => parameters[name]);

/** Turns what SQLite refuses into a value; anything else that a body throws is its own and passes through. */
const attempt =
  <A>(path: string, work: () => A) =>
  (): Either<SqlError, A> => {
    try {
      return right(work());
    } catch (problem) {
      if (!(problem instanceof Database.SqliteError)) throw problem;
      return left(errorOf(path, problem));
    }
  };

const connectTo = (path: string, create: boolean, file: DatabaseFile): Database.Database => {
  if (file._tag === 'Missing' && !create)
    throw new Database.SqliteError('there is no such file', 'SQLITE_CANTOPEN');
  try {
    return connect(path);
  } catch (problem) {
    // What was there and cannot be opened must not look like what is missing.
    if (problem instanceof Database.SqliteError && problem.code === 'SQLITE_CANTOPEN') {
      throw new Database.SqliteError(problem.message, 'SQLITE_PERM');
    }
    throw problem;
  }
};

/** Opens a file that is there by now: SQLite makes none, which it would do behind a symlink that somebody puts there meanwhile. */
const openFile = (path: string): Database.Database => {
  try {
    return new Database(path, { timeout: BUSY_TIMEOUT, fileMustExist: true });
  } catch (problem) {
    // So the driver refuses a path in a directory that has gone.
    if (problem instanceof TypeError) throw new Database.SqliteError(problem.message, 'SQLITE_CANTOPEN');
    throw problem;
  }
};

/** Defensive mode, which keeps SQL from writing to the schema or the file itself, is better-sqlite3's default. */
const connect = (path: string): Database.Database => {
  const standing = whatStandsAt(path);
  const connection = openFile(path);
  try {
    // The next but one would change the header of another database.
    standing.refuseExchanged('database');
    // What views, triggers and defaults of a schema may call.
    connection.pragma('trusted_schema = OFF');
    connection.pragma('cell_size_check = ON');
    // The first statement that reads the file: what is not a database is found here. A no-op on a WAL database.
    connection.pragma('journal_mode = WAL');
    // The log and its index are opened with it, and nothing was written yet.
    connection.exec('SELECT 1 FROM sqlite_master LIMIT 1');
    standing.refuseExchanged('all');
    return connection;
  } catch (problem) {
    connection.close();
    throw problem;
  } finally {
    standing.release();
  }
};

/** SQLite fsyncs the directory that it makes files in; that directory's own entry is up to us. */
const makeDirectory = (directory: string): void => {
  try {
    const topmost = makePrivateDirectory(directory);
    if (topmost === null) return;
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
