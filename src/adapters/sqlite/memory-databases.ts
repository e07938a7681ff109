import Database from 'better-sqlite3';
import { isRight, left, right } from 'fp-ts/lib/Either.js';
import type { FileSystem, HostFileSystem } from '../../ports/file-system.js';
import type {
  SqlDatabase,
  SqlDatabases,
  SqlError,
  SqlRow,
  SqlTransaction,
} from '../../ports/sql-database.js';

/** The databases of a machine: what is durable of each, and what is there as long as the power is. */
export type DatabaseFiles = Map<string, { readonly durable: Buffer; readonly now: Buffer }>;

/** Error of SQLite when there is no database. */
const missing = (path: string) =>
  left({ _tag: 'SqlError', path, code: 'SQLITE_CANTOPEN', message: '' } as const);

/**
 * SQLite in memory, taken at its word: a durable transaction survives a power loss once it has been committed, with
 * all before it; a relaxed one may or may not. Its file has its place in a directory of `files`, and is lost with it.
 * `step` is told before each commit, and may throw.
 */
export const memoryDatabases = (
  files: FileSystem,
  stored: DatabaseFiles,
  step: () => void,
): SqlDatabases => ({
  open:
    (path, { create }) =>
    () => {
      const directory = path.slice(0, path.lastIndexOf('/'));
      if (create && !isRight(files.stat(directory)()))
        throw new Error(`${directory} is expected to be there`);
      const known = isRight(files.stat(directory)()) ? stored.get(path) : undefined;
      if (known === undefined && !create) return missing(path);
      return right(openDatabase(path, known?.now ?? null, stored, step));
    },
});

const openDatabase = (
  path: string,
  content: Buffer | null,
  stored: DatabaseFiles,
  step: () => void,
): SqlDatabase => {
  const connection = content === null ? new Database(':memory:') : new Database(content);
  const inside: SqlTransaction = {
    run: (sql, parameters) =>
      connection.prepare(sql).run(...(parameters === undefined ? [] : [parameters])).changes,
    all: (sql, parameters) =>
      connection.prepare<unknown[], SqlRow>(sql).all(...(parameters === undefined ? [] : [parameters])),
  };
  const keep = (durability: 'durable' | 'relaxed') => {
    const now = connection.serialize();
    stored.set(path, { now, durable: durability === 'durable' ? now : (stored.get(path)?.durable ?? now) });
  };
  if (content === null) keep('durable');
  return {
    notWritable: null,
    session: (body) => attempt(path, () => body(inside)),
    transaction: (durability, body) =>
      attempt(path, () => {
        connection.exec('BEGIN IMMEDIATE');
        try {
          const answer = body(inside);
          step();
          connection.exec('COMMIT');
          keep(durability);
          return answer;
        } catch (problem) {
          if (connection.inTransaction) connection.exec('ROLLBACK');
          throw problem;
        }
      }),
    query: (sql, parameters) => attempt(path, () => inside.all(sql, parameters)),
    snapshot: (body) => attempt(path, () => body(inside.all)),
    close: () => {
      connection.close();
    },
  };
};

const attempt =
  <A>(path: string, work: () => A) =>
  () => {
    try {
      return right(work());
    } catch (problem) {
      if (!(problem instanceof Database.SqliteError)) throw problem;
      const { code, message } = problem;
      return left({ _tag: 'SqlError', path, code, message } satisfies SqlError);
    }
  };

/** Databases are files, too, when somebody renames them. */
export const withDatabaseFiles = (files: HostFileSystem, databases: DatabaseFiles): HostFileSystem => ({
  ...files,
  rename: (from, to) => () => {
    const database = databases.get(from);
    if (database === undefined) return files.rename(from, to)();
    databases.delete(from);
    databases.set(to, database);
    return right(undefined);
  },
});
