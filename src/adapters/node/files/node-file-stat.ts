import type { BigIntStats, Stats } from 'node:fs';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { EntryStat, FileStat, FileSystemError } from '../../../ports/file-system.js';
import { failed, fileSystemError } from './node-file-errors.js';
import { lstatBigIfThere, lstatIfThere } from './path-bytes.js';

/** A missing file is an everyday result here: asked for without an exception, which would cost more than the call. */
export const statOf = (path: string): Either<FileSystemError, FileStat> => {
  try {
    const stats = lstatIfThere(path);
    return stats === undefined ? left(missing(path)) : right(fileStat(stats));
  } catch (error) {
    return left(failed('lstat', path)(error));
  }
};

/** The same in numbers of 64 bits, which inodes are. */
export const entryStatOf = (path: string): Either<FileSystemError, EntryStat> => {
  try {
    const stats = lstatBigIfThere(path);
    return stats === undefined ? left(missing(path)) : right(entryStat(stats));
  } catch (error) {
    return left(failed('lstat', path)(error));
  }
};

const missing = (path: string) => fileSystemError('lstat', path, 'ENOENT');

const fileStat = (stats: Stats): FileStat => ({
  kind: kindOf(stats),
  size: stats.size,
  mode: stats.mode & 0o7777,
  modifiedAt: Math.round(stats.mtimeMs * 1000),
});

const entryStat = (stats: BigIntStats): EntryStat => ({
  kind: kindOf(stats),
  size: Number(stats.size),
  mode: Number(stats.mode) & 0o7777,
  modifiedAt: microseconds(stats.mtimeNs),
  device: stats.dev,
  inode: stats.ino,
  links: Number(stats.nlink),
  owner: Number(stats.uid),
  group: Number(stats.gid),
});

/** Rounded exactly as in `fileStat`, so that the two never differ. */
const microseconds = (nanoseconds: bigint): number => {
  const seconds = nanoseconds / 1_000_000_000n;
  return Math.round((Number(seconds) * 1000 + Number(nanoseconds % 1_000_000_000n) / 1e6) * 1000);
};

const kindOf = (stats: Stats | BigIntStats): FileStat['kind'] => {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
};
