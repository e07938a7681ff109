import { createHash, createHmac } from 'node:crypto';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../domain/documents/canonical-json.js';
import { sha256 } from '../domain/documents/sha256.js';
import type { FileSystem } from '../ports/file-system.js';

/*
 * Merged series on disk, `<code of the key>-<code of key and digest>.parquet`: the key names everything that the rows were
 * made from, the digest the file itself, and codes are this user's. So a file can be deleted at any time, and one that was
 * changed, is not whole, or was made by somebody else is never believed: a pond may come from anywhere.
 */

/** Bytes of all files that are kept, at most. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** Files that are kept, at most. */
const MOST_FILES = 1024;

const NAME = /^([0-9a-f]{64})-([0-9a-f]{64})\.parquet$/;

/** Code over a string that only this user can make; null where no key can be kept, and then nothing is. */
export type Seal = (text: string) => string | null;

/** Files that were made before. Which there are is looked at once; one that goes meanwhile is not found. */
export interface MergedFiles {
  /** The file of that key; null where there is none that is what its name says. */
  readonly find: (key: string) => Promise<string | null>;
  /** The bytes of that file, where it is a small one and was found last. */
  readonly foundLast: (key: string) => Uint8Array | null;
  /**
   * Takes a file in and returns where it is then; null where it cannot be kept, and is left where it was. `digest`: that of the file,
   * where it is known.
   */
  readonly keep: (key: string, file: string, digest?: string) => Promise<string | null>;
  /** Removes the file of a key, in the place of which there is another. */
  readonly drop: (key: string) => void;
}

export const mergedFiles = (files: FileSystem, directory: string, sealByUser: Seal): MergedFiles => {
  const seal = sealOfOwn(sealByUser);
  let listed: ReadonlyMap<string, readonly string[]> | null = null;
  const pathsOf = (key: string): readonly string[] => {
    listed ??= namesByCode(namesIn(files, directory));
    const code = listed.size === 0 ? null : codeOfKey(seal, key);
    return code === null ? [] : (listed.get(code) ?? []).map((name) => `${directory}/${name}`);
  };
  const isOf = (key: string, path: string, digest: string | null): boolean =>
    path.endsWith(`-${codeOfFile(seal, key, digest)}.parquet`);
  let last: { readonly key: string; readonly bytes: Uint8Array } | null = null;
  return {
    find: async (key) => {
      for (const path of pathsOf(key)) {
        const bytes = bytesOfSmall(files, path);
        const digest = bytes === null ? await digestOf(files, path) : sha256(bytes);
        if (isOf(key, path, digest)) {
          last = bytes === null ? null : { key, bytes };
          return path;
        }
        files.remove(path)();
      }
      return null;
    },
    foundLast: (key) => (last?.key === key ? last.bytes : null),
    keep: async (key, file, digest) => {
      const code = codeOfKey(seal, key);
      const stat = files.stat(file)();
      if (code === null || isLeft(stat) || stat.right.size > MOST_BYTES / 2) return null;
      if (isLeft(files.makeDirectories(directory)())) return null;
      makeRoom(files, directory, stat.right.size);
      listed = null;
      const path = `${directory}/${code}-${codeOfFile(seal, key, digest ?? (await digestOf(files, file)))}.parquet`;
      return isRight(files.rename(file, path)()) ? path : null;
    },
    drop: (key) => {
      for (const path of pathsOf(key)) files.remove(path)();
    },
  };
};

/** Codes by a key that comes of the user's, which is asked for once. */
const sealOfOwn = (sealByUser: Seal): Seal => {
  let key: string | null | undefined;
  return (text) => {
    if (key === undefined) key = sealByUser(canonicalJson(['merged-series']));
    return key === null ? null : createHmac('sha256', key).update(text).digest('hex');
  };
};

const namesByCode = (names: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const name of names) {
    const [, code = ''] = NAME.exec(name) ?? [];
    found.set(code, [...(found.get(code) ?? []), name]);
  }
  return found;
};

/** Reads a kept file; `gone`: somebody has removed it before it was opened, and nothing of it was read. */
export async function* readKept(
  files: FileSystem,
  path: string,
): AsyncGenerator<Uint8Array, 'read' | 'gone'> {
  let hasBegun = false;
  try {
    for await (const chunk of files.streamFile(path)) {
      hasBegun = true;
      yield chunk;
    }
    return 'read';
  } catch (error) {
    if (hasBegun || !isLeft(files.stat(path)())) throw error;
    return 'gone';
  }
}

const codeOfKey = (seal: Seal, key: string): string | null => seal(canonicalJson(['merged-key', key]));

const codeOfFile = (seal: Seal, key: string, digest: string | null): string | null =>
  seal(canonicalJson(['merged-series', key, digest]));

const namesIn = (files: FileSystem, directory: string): readonly string[] => {
  const names = files.readDirectory(directory)();
  return isLeft(names) ? [] : names.right.filter((name) => NAME.test(name));
};

/** Removes the oldest files until there is room for one more. */
const makeRoom = (files: FileSystem, directory: string, size: number): void => {
  const known = namesIn(files, directory)
    .flatMap((name) => {
      const path = `${directory}/${name}`;
      const stat = files.stat(path)();
      return isLeft(stat) ? [] : [{ path, size: stat.right.size, at: stat.right.modifiedAt }];
    })
    .sort((a, b) => a.at - b.at);
  let total = known.reduce((sum, file) => sum + file.size, size);
  let count = known.length + 1;
  for (const { path, size: freed } of known) {
    if (total <= MOST_BYTES && count <= MOST_FILES) return;
    files.remove(path)();
    total -= freed;
    count -= 1;
  }
};

/** Null where it cannot be read. */
const digestOf = async (files: FileSystem, path: string): Promise<string | null> => {
  const hash = createHash('sha256');
  try {
    for await (const chunk of files.streamFile(path)) hash.update(chunk);
  } catch {
    // Somebody has removed it: it is only what can be made again.
    return null;
  }
  return hash.digest('hex');
};

/** Bytes of a file that is read at once. */
const SMALL = 8 * 1024 * 1024;

/** Null where it cannot be read, or is not small. */
const bytesOfSmall = (files: FileSystem, path: string): Uint8Array | null => {
  const stat = files.stat(path)();
  if (isLeft(stat) || stat.right.size > SMALL) return null;
  const bytes = files.readFile(path)();
  return isLeft(bytes) ? null : bytes.right;
};
