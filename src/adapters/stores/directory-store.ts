import { isLeft } from 'fp-ts/lib/Either.js';
import type { FileSystem } from '../../ports/file-system.js';
import {
  type ObjectInfo,
  type ObjectStore,
  type StoreCallError,
  TOO_LARGE,
} from '../../ports/object-store.js';
import { attempting, isFileSystemError, namesIn, OWN_FOLDER, run } from './directory-calls.js';
import { directoryUploads } from './directory-uploads.js';
import { type DirectoryStorePorts, objectFiles } from './object-files.js';

/** Objects of one page of a list. */
const PAGE = 1000;

/**
 * A directory as a store: an object is a file below it by its key. A file gets its name complete and durable, by a hard
 * link where the condition is that nothing is there, so that of several writers the first one wins. Object names that
 * files cannot have are refused.
 */
export const directoryStore = (ports: DirectoryStorePorts, root: string, url: string): ObjectStore => {
  const { files } = ports;
  const attempt = attempting(url);
  const objects = objectFiles(ports, root, url);
  const { pathOf, infoOf, stagedPath, publish } = objects;

  const headOf = (key: string): ObjectInfo => {
    const info = infoOf(key);
    if (info === null) throw { _tag: 'ObjectMissing', store: url, key } satisfies StoreCallError;
    return info;
  };

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
    uploads: directoryUploads(ports, { root, objects, attempt }),
    close: () => undefined,
  };
};

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
  const isWanted = (key: string): boolean => key.startsWith(prefix) && key > after;
  const mayHaveWanted = (below: string): boolean =>
    (below.startsWith(prefix) || prefix.startsWith(below)) && (after < below || after.startsWith(below));
  const names = namesIn(files, folder === '' ? root : `${root}/${folder.slice(0, -1)}`)
    .filter((name) => folder !== '' || name !== OWN_FOLDER)
    // What no key is wanted of, whatever it is, is not looked at: a log has many entries, and the newest are asked for.
    .filter((name) => isWanted(`${folder}${name}`) || mayHaveWanted(`${folder}${name}/`))
    .flatMap((name) => {
      const stat = files.stat(`${root}/${folder}${name}`)();
      if (isLeft(stat)) return [];
      if (stat.right.kind === 'directory') return [`${folder}${name}/`];
      return stat.right.kind === 'file' ? [`${folder}${name}`] : [];
    })
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of names) {
    if (key.endsWith('/')) {
      if (mayHaveWanted(key)) yield* keysBelow(files, root, prefix, after, key);
    } else if (isWanted(key)) yield key;
  }
}
