import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { Ids } from '../../ports/ids.js';
import type { Locks } from '../../ports/locks.js';
import type { ObjectInfo, PutCondition, StoreCallError } from '../../ports/object-store.js';
import { namesIn, OWN_FOLDER, run } from './directory-calls.js';

/** Bits of a directory that is its owner's alone. */
const PRIVATE = 0o700;

export interface DirectoryStorePorts {
  readonly files: FileSystem;
  readonly locks: Pick<Locks, 'tryAcquire'>;
  readonly ids: Ids;
}

/** Objects of a directory that is a store, as files. All of these throw what fails. */
export interface ObjectFiles {
  readonly pathOf: (key: string) => string;
  /** Null: what is there is not a file. */
  readonly infoOf: (key: string) => ObjectInfo | null;
  /** Path for a file that is on its way. */
  readonly stagedPath: () => string;
  /** Gives a complete file its name; its directory is durable afterwards, with those above it that are new. */
  readonly publish: (staged: string, key: string, condition: PutCondition | undefined) => Promise<void>;
}

export const objectFiles = (
  { files, locks, ids }: DirectoryStorePorts,
  root: string,
  url: string,
): ObjectFiles => {
  const own = `${root}/${OWN_FOLDER}`;
  const pathOf = (key: string) => `${root}/${key}`;

  const infoOf = (key: string): ObjectInfo | null => {
    const stat = run(files.stat(pathOf(key)));
    if (stat.kind !== 'file') return null;
    return { key, size: stat.size, etag: `${stat.modifiedAt}-${stat.size}`, modifiedAt: stat.modifiedAt };
  };

  const publish = async (staged: string, key: string, condition: PutCondition | undefined): Promise<void> => {
    const path = pathOf(key);
    const directory = parentOf(path);
    try {
      const topmost = run(files.makeDirectories(directory));
      if (condition?._tag === 'Absent') {
        const linked = files.link(staged, path)();
        if (isLeft(linked)) {
          if (linked.left.code === 'EEXIST') {
            throw { _tag: 'ConditionFailed', store: url, key } satisfies StoreCallError;
          }
          throw linked.left;
        }
      } else if (condition === undefined) run(files.rename(staged, path));
      else underLock(key, () => replaceUnchanged(staged, key, condition.etag));
      const top = topmost === null ? directory : parentOf(topmost);
      for (let at = directory; at.length >= top.length; at = parentOf(at)) run(files.fsyncDirectory(at));
    } finally {
      run(files.remove(staged));
    }
  };

  const replaceUnchanged = (staged: string, key: string, etag: string): void => {
    const found = files.stat(pathOf(key))();
    const now = isLeft(found) ? null : infoOf(key);
    if (now?.etag !== etag) throw { _tag: 'ConditionFailed', store: url, key } satisfies StoreCallError;
    run(files.rename(staged, pathOf(key)));
  };

  /** Replaces, under the object's own lock, so that those who do so only if it is unchanged follow one another. */
  const underLock = (key: string, body: () => void): void => {
    const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
    // The lock's file is found by its path alone, and whoever exchanges a directory on the way would have this one made elsewhere.
    run(files.makeDirectories(`${own}/locks`, PRIVATE));
    const lock = locks.tryAcquire(`${own}/locks/${name}`, { inExisting: true })();
    if (isLeft(lock)) throw { _tag: 'FileSystemError', call: 'lock', path: lock.left.path, code: 'ENOLCK' };
    if (lock.right === null) {
      throw {
        _tag: 'StoreFailed',
        store: url,
        call: 'put',
        key,
        code: '409',
        message: 'somebody else is replacing it',
        isTransient: true,
        retryAfterMs: null,
      } satisfies StoreCallError;
    }
    try {
      body();
    } finally {
      lock.right.release();
    }
  };

  let isTidied = false;
  const stagedPath = (): string => {
    const id = ids.uuidV7();
    run(files.makeDirectories(`${own}/staged`));
    if (!isTidied) removeLeftBehind(files, own, timeOf(id));
    isTidied = true;
    return `${own}/staged/${id}`;
  };

  return { pathOf, infoOf, stagedPath, publish };
};

/**
 * Removes what killed processes have left: staged files of a day ago, which live for the moment of one call, and parts of
 * uploads that nobody has gone on with for a week. Their names say when they were begun.
 */
const removeLeftBehind = (files: FileSystem, own: string, now: number): void => {
  const isOlder = (name: string, age: number): boolean => isOwnName(name) && timeOf(name) < now - age;
  for (const name of namesIn(files, `${own}/staged`)) {
    if (isOlder(name, DAY)) run(files.remove(`${own}/staged/${name}`));
  }
  for (const key of namesIn(files, `${own}/uploads`)) {
    for (const upload of namesIn(files, `${own}/uploads/${key}`)) {
      if (!isOlder(upload, 7 * DAY)) continue;
      const folder = `${own}/uploads/${key}/${upload}`;
      for (const part of namesIn(files, folder)) run(files.remove(`${folder}/${part}`));
    }
  }
};

/** Milliseconds. */
const DAY = 86_400_000;

/** Names of staged files and of uploads are UUIDs of version 7, which begin with their time in milliseconds. */
const isOwnName = (name: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}$/.test(name);
const timeOf = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
