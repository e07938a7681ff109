import { createHash } from 'node:crypto';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystem, FileSystemError } from '../../ports/file-system.js';
import type { Ids } from '../../ports/ids.js';
import type { Locks } from '../../ports/locks.js';
import {
  type ObjectInfo,
  type ObjectStore,
  type PutCondition,
  type StoreCall,
  type StoreCallError,
  TOO_LARGE,
  type Upload,
  type UploadPart,
} from '../../ports/object-store.js';

export interface DirectoryStorePorts {
  readonly files: FileSystem;
  readonly locks: Pick<Locks, 'tryAcquire'>;
  readonly ids: Ids;
}

/** The folder of what is on its way: no object of the store. */
const OWN_FOLDER = '.pond-store';
/** Objects of one page of a list. */
const PAGE = 1000;

/**
 * A directory as a store: an object is a file below it by its key. A file gets its name complete and durable, by a hard
 * link where the condition is that nothing is there, so that of several writers the first one wins. Object names that
 * files cannot have are refused.
 */
export const directoryStore = (
  { files, locks, ids }: DirectoryStorePorts,
  root: string,
  url: string,
): ObjectStore => {
  const own = `${root}/${OWN_FOLDER}`;
  const pathOf = (key: string) => `${root}/${key}`;

  /** Runs `body`, whose failed calls to the filesystem are errors of the store. */
  const attempt =
    <A>(call: StoreCall, key: string, body: () => Promise<A>): TaskEither<StoreCallError, A> =>
    async (): Promise<Either<StoreCallError, A>> => {
      try {
        if (!isKey(key) && call !== 'list') {
          throw { _tag: 'FileSystemError', call: 'name', path: key, code: 'EINVAL' };
        }
        return right(await body());
      } catch (thrown) {
        if (isStoreError(thrown)) return left(thrown);
        if (!isFileSystemError(thrown)) throw thrown;
        if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')
          return left({ _tag: 'ObjectMissing', store: url, key });
        return left({
          _tag: 'StoreFailed',
          store: url,
          call,
          key,
          code: thrown.code,
          message: `${thrown.call} ${thrown.path}: ${thrown.code}`,
          isTransient: thrown.code === 'EIO' || thrown.code === 'EMFILE' || thrown.code === 'EBUSY',
          retryAfterMs: null,
        });
      }
    };

  const infoOf = (key: string): ObjectInfo | null => {
    const stat = run(files.stat(pathOf(key)));
    if (stat.kind !== 'file') return null;
    return { key, size: stat.size, etag: `${stat.modifiedAt}-${stat.size}`, modifiedAt: stat.modifiedAt };
  };

  const headOf = (key: string): ObjectInfo => {
    const info = infoOf(key);
    if (info === null) throw { _tag: 'ObjectMissing', store: url, key } satisfies StoreCallError;
    return info;
  };

  /** Gives a complete file its name; its directory is durable afterwards, with those above it that are new. */
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
    const lock = locks.tryAcquire(`${own}/locks/${name}`)();
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

  const uploadFolder = ({ key, id }: Upload) => `${own}/uploads/${folderOf(key)}/${id}`;
  const partsOf = (upload: Upload): readonly UploadPart[] =>
    namesIn(files, uploadFolder(upload)).flatMap((name) => {
      const [, number, etag] = /^(\d+)-([0-9a-f]{32})$/.exec(name) ?? [];
      if (number === undefined || etag === undefined) return [];
      const { size } = run(files.stat(`${uploadFolder(upload)}/${name}`));
      return [{ number: Number(number), size, etag }];
    });

  return {
    url,
    put: ({ key, content, condition }) =>
      attempt('put', key, async () => {
        if (condition?._tag === 'Absent' && !isLeft(files.stat(pathOf(key))())) {
          throw { _tag: 'ConditionFailed', store: url, key } satisfies StoreCallError;
        }
        const staged = stagedPath();
        run(files.writeNewFile(staged, content));
        await publish(staged, key, condition);
        return { etag: headOf(key).etag };
      }),
    get: ({ key, range, maxBytes = Number.POSITIVE_INFINITY }) =>
      attempt('get', key, async () => {
        const { etag, size } = headOf(key);
        const { offset, length } = range ?? { offset: 0, length: size };
        if (length > maxBytes) {
          throw {
            _tag: 'StoreFailed',
            store: url,
            call: 'get',
            key,
            code: TOO_LARGE,
            message: `it has more than the ${maxBytes} bytes that are read of it`,
            isTransient: false,
            retryAfterMs: null,
          } satisfies StoreCallError;
        }
        return { content: run(files.readRange(pathOf(key), offset, length)), etag };
      }),
    head: (key) => attempt('head', key, async () => headOf(key)),
    list: ({ prefix, after = '' }) =>
      attempt('list', prefix, async () => {
        const keys: string[] = [];
        for (const key of keysBelow(files, root, prefix, after)) {
          keys.push(key);
          if (keys.length > PAGE) break;
        }
        const objects = keys.slice(0, PAGE).flatMap((key) => {
          try {
            return infoOf(key) ?? [];
          } catch (error) {
            // Removed since its directory was read.
            if (isFileSystemError(error) && error.code === 'ENOENT') return [];
            throw error;
          }
        });
        return { objects, isTruncated: keys.length > PAGE };
      }),
    delete: (key) =>
      attempt('delete', key, async () => {
        const removed = files.remove(pathOf(key))();
        // Below an object there is nothing, and so nothing to remove.
        if (isLeft(removed) && removed.left.code !== 'ENOTDIR') throw removed.left;
      }),
    uploads: {
      begin: ({ key }) =>
        attempt('upload', key, async () => {
          const upload = { key, id: ids.uuidV7() };
          run(files.makeDirectories(uploadFolder(upload)));
          return upload;
        }),
      put: (upload, { number, content }) =>
        attempt('upload', upload.key, async () => {
          for (const earlier of partsOf(upload)) {
            if (earlier.number === number) {
              run(files.remove(`${uploadFolder(upload)}/${number}-${earlier.etag}`));
            }
          }
          const etag = createHash('md5').update(content).digest('hex');
          const staged = stagedPath();
          run(files.writeNewFile(staged, content));
          run(files.rename(staged, `${uploadFolder(upload)}/${number}-${etag}`));
          return { number, size: content.length, etag };
        }),
      complete: (upload, parts, condition) =>
        attempt('upload', upload.key, async () => {
          const staged = stagedPath();
          const folder = uploadFolder(upload);
          const written = await files.streamToNewFile(staged, contentOf(files, folder, parts))();
          if (isLeft(written)) throw written.left;
          await publish(staged, upload.key, condition ?? undefined);
          for (const name of namesIn(files, folder)) run(files.remove(`${folder}/${name}`));
        }),
      abort: (upload) =>
        attempt('upload', upload.key, async () => {
          const folder = uploadFolder(upload);
          for (const name of namesIn(files, folder)) run(files.remove(`${folder}/${name}`));
        }),
      unfinished: (key) =>
        attempt('upload', key, async () =>
          namesIn(files, `${own}/uploads/${folderOf(key)}`)
            .map((id) => ({ key, id }))
            .filter((upload) => partsOf(upload).length > 0),
        ),
      parts: (upload) => attempt('upload', upload.key, async () => partsOf(upload)),
    },
    close: () => undefined,
  };
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

async function* contentOf(
  files: FileSystem,
  folder: string,
  parts: readonly UploadPart[],
): AsyncGenerator<Uint8Array> {
  for (const { number, etag } of parts) yield* files.streamFile(`${folder}/${number}-${etag}`);
}

/**
 * Keys with a prefix that come after one, in the order of their bytes. A folder sorts as its name with a slash, as its keys
 * do, and one that has no such key is not read.
 */
function* keysBelow(
  files: FileSystem,
  root: string,
  prefix: string,
  after: string,
  folder = '',
): Generator<string> {
  const names = namesIn(files, folder === '' ? root : `${root}/${folder.slice(0, -1)}`)
    .filter((name) => folder !== '' || name !== OWN_FOLDER)
    .flatMap((name) => {
      const stat = files.stat(`${root}/${folder}${name}`)();
      if (isLeft(stat)) return [];
      if (stat.right.kind === 'directory') return [`${folder}${name}/`];
      return stat.right.kind === 'file' ? [`${folder}${name}`] : [];
    })
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of names) {
    if (key.endsWith('/')) {
      const mayHave = key.startsWith(prefix) || prefix.startsWith(key);
      if (mayHave && (after < key || after.startsWith(key)))
        yield* keysBelow(files, root, prefix, after, key);
    } else if (key.startsWith(prefix) && key > after) yield key;
  }
}

const namesIn = (files: FileSystem, directory: string): readonly string[] => {
  const names = files.readDirectory(directory)();
  if (!isLeft(names)) return names.right;
  if (names.left.code === 'ENOENT' || names.left.code === 'ENOTDIR') return [];
  throw names.left;
};

const run = <A>(call: IOEither<FileSystemError, A>): A => {
  const outcome = call();
  if (isLeft(outcome)) throw outcome.left;
  return outcome.right;
};

const isFileSystemError = (thrown: unknown): thrown is FileSystemError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  (thrown._tag === 'FileSystemError' || thrown._tag === 'UnsafeFile');

const isStoreError = (thrown: unknown): thrown is StoreCallError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  (thrown._tag === 'StoreFailed' || thrown._tag === 'ObjectMissing' || thrown._tag === 'ConditionFailed');

/** Keys that lead below the directory and nowhere else. */
const isKey = (key: string): boolean =>
  key !== '' &&
  !key.includes('\0') &&
  key.split('/').every((name) => name !== '' && name !== '.' && name !== '..') &&
  !key.startsWith(`${OWN_FOLDER}/`);

const folderOf = (key: string): string => createHash('sha256').update(key).digest('hex');

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
