import { createHash, createHmac, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { Host } from '../../ports/host.js';
import type { NoUserState, UserState } from '../../ports/user-state.js';
import { errnoOf } from './files/errno.js';
import { surveyDirectory, Unusable } from './private-directory.js';

const FOR_OWNER = 0o600;
const DIRECTORY_FOR_OWNER = 0o700;
const STICKY = 0o1000;
const KEY_BYTES = 32;
/** Bound in bytes on what is kept under one name: that is small. */
const LONGEST_TEXT = 1024 * 1024;
const NAME = /^[0-9a-zA-Z][0-9a-zA-Z._-]{0,199}$/;

/** State of this user, by `node:fs`. */
export const nodeUserState = ({ variables, user }: Pick<Host, 'variables' | 'user'>): UserState => {
  const named = (): string => namedDirectory(variables, user);
  /** The directory itself, without links in its path, be it there or not. */
  const place = (): string => {
    const { path, missing } = surveyDirectory(named(), user);
    return missing.length === 0 ? secured(path, user) : [path, ...missing].join('/');
  };
  /** The same, made where it is missing. */
  const madePlace = (): string => {
    const { path, missing } = surveyDirectory(named(), user);
    return missing.length === 0 ? secured(path, user) : madeBelow(path, missing);
  };
  const folderIn = (folder: string): string => `${place()}/${folder}`;
  const madeFolder = (folder: string): string => {
    const path = `${madePlace()}/${folder}`;
    return fs.existsSync(path) ? path : madeBelow(dirname(path), [folder]);
  };
  /** One of several processes makes it, and all of them use that one. */
  const once = (name: string, make: () => Buffer): Buffer => {
    const path = `${madePlace()}/${name}`;
    const there = readOrNull(path);
    if (there !== null) return there;
    const ours = written(dirname(path), make());
    try {
      fs.linkSync(ours, path);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    } finally {
      fs.unlinkSync(ours);
    }
    fsyncPath(dirname(path));
    return fs.readFileSync(path);
  };

  const keeping = <A>(work: () => A): IOEither<NoUserState, A> => attempt(named, work);
  return {
    directory: keeping(() => {
      const path = place();
      fs.accessSync(surveyDirectory(path, user).path, fs.constants.W_OK);
      return path;
    }),
    keep: (folder, name, text) =>
      keeping(() => {
        const directory = madeFolder(folder);
        const ours = written(directory, Buffer.from(text));
        fs.renameSync(ours, `${directory}/${checked(name)}`);
        fsyncPath(directory);
      }),
    read: (folder, name) =>
      keeping(() => readOrNull(`${folderIn(folder)}/${checked(name)}`)?.toString('utf8') ?? null),
    names: (folder) =>
      keeping(() => {
        const directory = folderIn(folder);
        return fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => NAME.test(name)) : [];
      }),
    forget: (folder, name) =>
      keeping(() => {
        const directory = folderIn(folder);
        fs.rmSync(`${directory}/${checked(name)}`, { force: true });
        if (fs.existsSync(directory)) fsyncPath(directory);
      }),
    hmac: (text) =>
      keeping(() => {
        const key = once('key', () => randomBytes(KEY_BYTES));
        if (key.length !== KEY_BYTES) throw new Unusable('its file `key` has not 32 bytes');
        return createHmac('sha256', key).update(text).digest('hex');
      }),
    machine: keeping(() => {
      const own = readOrNull('/etc/machine-id')?.toString('latin1').trim() ?? '';
      const id = own.length < 16 ? once('machine', () => Buffer.from(randomBytes(16).toString('hex'))) : own;
      // Only a hash of it leaves the machine with a pond.
      return createHash('sha256').update(`pond-steward machine ${id}`).digest('hex').slice(0, 32);
    }),
  };
};

const namedDirectory = (variables: Host['variables'], user: Host['user']): string => {
  const { POND_STATE_DIR: own = '', XDG_STATE_HOME: state = '' } = variables;
  if (own !== '') {
    if (isAbsolute(own)) return own;
    throw new Unusable('POND_STATE_DIR is not an absolute path');
  }
  if (isAbsolute(state)) return `${state}/pond-steward`;
  const home = homeDirectory(variables, user);
  if (home === null) throw new Unusable('this user has no home directory');
  return `${home}/.local/state/pond-steward`;
};

/** `$HOME`, unless it is another user's, which `sudo` may leave there; else what the system's users say. */
const homeDirectory = ({ HOME: home = '' }: Host['variables'], user: Host['user']): string | null => {
  if (isAbsolute(home) && home !== '/' && isOwn(home, user)) return home;
  try {
    const { homedir } = userInfo();
    return isAbsolute(homedir) && homedir !== '/' && isOwn(homedir, user) ? homedir : null;
  } catch {
    return null;
  }
};

const isOwn = (path: string, user: Host['user']): boolean => {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && (user === null || stats.uid === user.id);
};

/**
 * A directory that is there is this user's alone; one that others may look into is closed to them, unless it is there for more
 * than this state: `/tmp`, `/etc` or a home directory that was named by mistake stays as it is.
 */
const secured = (path: string, user: Host['user']): string => {
  const stats = fs.lstatSync(path);
  if (!stats.isDirectory()) throw new Unusable('it is not a directory');
  if (user !== null && stats.uid !== user.id) throw new Unusable('it belongs to another user');
  if ((stats.mode & 0o077) === 0) return path;
  if ((stats.mode & STICKY) !== 0) throw new Unusable('it is a directory for all users');
  if (!fs.readdirSync(path).every(isOwnName)) {
    throw new Unusable(
      'it holds other files, and others may look into it: it must be a directory of its own',
    );
  }
  fs.chmodSync(path, DIRECTORY_FOR_OWNER);
  return path;
};

const OWN_NAMES: ReadonlySet<string> = new Set([
  'approvals',
  'cache',
  'host-plans',
  'key',
  'machine',
  'serve',
]);

/** Tells whether a name in the directory is one that is given there, be it for a moment. */
const isOwnName = (name: string): boolean => OWN_NAMES.has(name) || /^\.[0-9a-f]{32}$/.test(name);

const madeBelow = (path: string, missing: readonly string[]): string => {
  let parent = path;
  for (const name of missing) {
    const next = `${parent}/${name}`;
    try {
      fs.mkdirSync(next, DIRECTORY_FOR_OWNER);
    } catch (error) {
      // Another process of this user's may be at it, too. Whoever it was, the next look at it tells.
      if (errnoOf(error) !== 'EEXIST') throw error;
      if (!fs.lstatSync(next).isDirectory()) throw new Unusable('it is not a directory');
    }
    fsyncPath(parent);
    parent = next;
  }
  return parent;
};

/** A durable file of a name that nobody can guess, for its owner. */
const written = (directory: string, content: Buffer): string => {
  const path = `${directory}/.${randomBytes(16).toString('hex')}`;
  const file = fs.openSync(path, 'wx', FOR_OWNER);
  try {
    fs.writeFileSync(file, content);
    fs.fsyncSync(file);
  } catch (error) {
    fs.unlinkSync(path);
    throw error;
  } finally {
    fs.closeSync(file);
  }
  return path;
};

const READ = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

const readOrNull = (path: string): Buffer | null => {
  let file: number;
  try {
    file = fs.openSync(path, READ);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const stats = fs.fstatSync(file);
    if (!stats.isFile() || stats.size > LONGEST_TEXT) throw new Unusable(`${path} is not what is kept there`);
    return fs.readFileSync(file);
  } finally {
    fs.closeSync(file);
  }
};

const fsyncPath = (path: string): void => {
  const file = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
};

const checked = (name: string): string => {
  if (NAME.test(name)) return name;
  throw new Error(`${JSON.stringify(name)} is not a name under which something is kept`);
};

const attempt =
  <A>(named: () => string, work: () => A): IOEither<NoUserState, A> =>
  (): Either<NoUserState, A> => {
    let path: string | null = null;
    try {
      path = named();
      return right(work());
    } catch (error) {
      if (error instanceof Unusable) return left({ _tag: 'NoUserState', path, problem: error.message });
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      const at = 'path' in error && typeof error.path === 'string' ? ` (${error.path})` : '';
      return left({
        _tag: 'NoUserState',
        path,
        problem: `${String(error.syscall)} failed: ${errnoOf(error)}${at}`,
      });
    }
  };
