import { isLeft } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../../../domain/documents/canonical-json.js';
import { sha256 } from '../../../domain/documents/sha256.js';
import type { Clock } from '../../../ports/clock.js';
import type { FileSystem } from '../../../ports/file-system.js';
import type { Ids } from '../../../ports/ids.js';

/**
 * Results that were computed before, by the digest of everything that they are made of. All of it may be deleted at any
 * time, by anybody: what is missing, damaged or half written is not there, and is computed again. So is what another user
 * has kept: a pond may come from anywhere, and its cache says whatever somebody wrote into it.
 */
export interface ResultCache {
  /** The bytes that were kept under a key; null where there are none, or they are not what was kept. */
  readonly read: (key: string) => Uint8Array | null;
  /** Keeps bytes under a key, instead of those before. What cannot be kept is not. */
  readonly keep: (key: string, bytes: Uint8Array) => void;
}

/** Bounds of a cache. */
export interface CacheBounds {
  readonly bytes: number;
  readonly files: number;
}

export interface CachePorts {
  readonly files: FileSystem;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Code over a string that only this user can make; null where no key can be kept, and then no result is. */
  readonly seal: (text: string) => string | null;
}

/** 1 GiB in 2,000 files. */
const CACHE_BOUNDS: CacheBounds = { bytes: 1024 * 1024 * 1024, files: 2_000 };

/** Bytes of the largest result that is kept. */
export const LARGEST_KEPT = 64 * 1024 * 1024;

/** Files of processes that have been killed while they wrote are removed after this time, in microseconds. */
const ABANDONED = 3_600_000_000;

/**
 * A cache in a directory, of files `<code of the key>-<code of key and content>`. Each is written under another name and
 * renamed when it is whole, and its content is compared with the code whenever it is read: so processes may share it, one may be
 * killed at any step, and users of one pond have their own.
 */
export const resultCache = (
  { files, ids, clock, seal }: CachePorts,
  directory: string,
  bounds: CacheBounds = CACHE_BOUNDS,
): ResultCache => {
  const names = (): readonly string[] => {
    const found = files.readDirectory(directory)();
    return isLeft(found) ? [] : found.right;
  };
  const modifiedAt = (name: string): number => {
    const stat = files.stat(`${directory}/${name}`)();
    return isLeft(stat) ? 0 : stat.right.modifiedAt;
  };
  const codeOfKey = (key: string): string | null => seal(canonicalJson(['derived-key', key]));
  const ofKey = (code: string): readonly string[] => names().filter((name) => name.startsWith(`${code}-`));
  const nameOf = (code: string, key: string, bytes: Uint8Array): string =>
    `${code}-${seal(canonicalJson(['derived-result', key, sha256(bytes)]))}`;

  /** Removes the oldest until the rest is within the bounds. */
  const evict = (): void => {
    const now = clock.nowMicros();
    const kept = names().flatMap((name) => {
      const stat = files.stat(`${directory}/${name}`)();
      if (isLeft(stat) || stat.right.kind !== 'file') return [];
      const { size, modifiedAt: at } = stat.right;
      if (KEPT.test(name)) return [{ name, size, at }];
      if (UNFINISHED.test(name) && now - at > ABANDONED) files.remove(`${directory}/${name}`)();
      return [];
    });
    let bytes = kept.reduce((sum, { size }) => sum + size, 0);
    let count = kept.length;
    for (const { name, size } of kept.sort((a, b) => a.at - b.at)) {
      if (bytes <= bounds.bytes && count <= bounds.files) return;
      files.remove(`${directory}/${name}`)();
      bytes -= size;
      count -= 1;
    }
  };

  return {
    read: (key) => {
      const code = codeOfKey(key);
      if (code === null) return null;
      const newestFirst = [...ofKey(code)].sort((a, b) => modifiedAt(b) - modifiedAt(a));
      for (const name of newestFirst) {
        const bytes = files.readFile(`${directory}/${name}`)();
        if (isLeft(bytes)) continue;
        if (name === nameOf(code, key, bytes.right)) return bytes.right;
        files.remove(`${directory}/${name}`)();
      }
      return null;
    },
    keep: (key, bytes) => {
      if (bytes.length > LARGEST_KEPT || bytes.length > bounds.bytes) return;
      const code = codeOfKey(key);
      if (code === null) return;
      const name = nameOf(code, key, bytes);
      const unfinished = `${directory}/unfinished-${ids.uuidV7()}`;
      if (isLeft(files.makeDirectories(directory)())) return;
      // What a power loss makes of it does not have the digest in its name.
      if (isLeft(files.writeNewFile(unfinished, bytes, 'relaxed')())) return;
      if (isLeft(files.rename(unfinished, `${directory}/${name}`)())) {
        files.remove(unfinished)();
        return;
      }
      for (const other of ofKey(code)) if (other !== name) files.remove(`${directory}/${other}`)();
      evict();
    },
  };
};

const KEPT = /^[0-9a-f]{64}-[0-9a-f]{64}$/;
const UNFINISHED = /^unfinished-[0-9a-f-]{36}$/;
