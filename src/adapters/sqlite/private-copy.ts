import {
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';

/** Number of times that a copy is begun again because somebody wrote meanwhile. */
const TRIES = 50;

/** Copied at once. */
const CHUNK = 1 << 20;

/**
 * Opens a private copy of a database that may not be written here, together with its write-ahead log. SQLite itself
 * cannot read a database in WAL mode where it cannot write beside it. The copy's files are removed as soon as they are
 * open, so that none is left whatever happens to this process.
 */
export const withPrivateCopy = (
  path: string,
  connect: (copy: string) => Database.Database,
): Database.Database => {
  const directory = makePrivateDirectory();
  try {
    const copy = join(directory, basename(path));
    for (let tries = 1; !copyIfStable(path, copy); tries += 1) {
      if (tries === TRIES)
        throw new Database.SqliteError('others keep writing it while it is copied', 'SQLITE_BUSY');
    }
    const connection = connect(copy);
    // Opens the copy's log, too.
    connection.exec('SELECT count(*) FROM sqlite_master');
    return connection;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const makePrivateDirectory = (): string => {
  try {
    return realpathSync(mkdtempSync(join(tmpdir(), 'pond-control-')));
  } catch (problem) {
    // Who cannot read it reads the pond all the same.
    throw new Database.SqliteError(
      `it may not be written here, and no private copy of it can be made: ${messageOf(problem)}; TMPDIR names a directory for it`,
      'SQLITE_PERM',
    );
  }
};

/**
 * Copies the log, then the database; false where either changed meanwhile. What a checkpoint moves from the log to the
 * database stays in the log until a writer begins it again, so that a log that is the same before and after makes up
 * for every page that was copied while it was being written.
 */
const copyIfStable = (path: string, copy: string): boolean => {
  const log = readLog(path);
  if (log === null) rmSync(`${copy}-wal`, { force: true });
  else writeFileSync(`${copy}-wal`, log, { mode: 0o600 });
  const before = copyFile(path, copy);
  const after = identityOf(path);
  const logAfter = readLog(path);
  return before === after && (log === null ? logAfter === null : logAfter !== null && log.equals(logAfter));
};

const readLog = (path: string): Buffer | null => {
  try {
    return withFile(`${path}-wal`, (descriptor) => readFileSync(descriptor));
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return null;
    throw unreadable(problem);
  }
};

/** Copies a file; returns what it was when the copy began. */
const copyFile = (from: string, to: string): string => {
  try {
    return withFile(from, (source) => {
      const identity = identify(source);
      const target = openSync(to, 'w', 0o600);
      try {
        const chunk = Buffer.alloc(CHUNK);
        for (let count = readSync(source, chunk); count > 0; count = readSync(source, chunk)) {
          writeFileSync(target, chunk.subarray(0, count));
        }
      } finally {
        closeSync(target);
      }
      return identity;
    });
  } catch (problem) {
    throw unreadable(problem);
  }
};

const identityOf = (path: string): string => {
  try {
    return withFile(path, identify);
  } catch (problem) {
    throw unreadable(problem);
  }
};

const identify = (descriptor: number): string => {
  const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(descriptor, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
};

/** Flags that neither follow a link nor wait for a pipe. */
const withFile = <A>(path: string, use: (descriptor: number) => A): A => {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const messageOf = (problem: unknown): string =>
  problem instanceof Error ? problem.message : String(problem);

const unreadable = (problem: unknown) => new Database.SqliteError(messageOf(problem), 'SQLITE_PERM');
