import { isLeft } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../ports/file-system.js';

/**
 * Bytes of a directory that are listed for each name that was asked for in it: as many entries as take about as long as
 * looking at one. So neither time nor memory is ever more than twice what looking at each name would take.
 */
const BYTES_PER_NAME = 256;

interface Asked {
  /** Number of times until now. */
  times: number;
  /** Size of the directory, bytes; infinite where it cannot be listed. */
  readonly size: number;
  names: ReadonlySet<string> | null;
}

/** The names in a directory once so many were asked for that listing it has been worth its while; until then null. */
export type KnownNames = (directory: string) => ReadonlySet<string> | null;

export const knownNames = (files: Pick<HostFileSystem, 'stat' | 'readDirectory'>): KnownNames => {
  const directories = new Map<string, Asked>();

  const firstAsked = (directory: string): Asked => {
    const stat = files.stat(directory)();
    const asked = { times: 0, size: isLeft(stat) ? Number.POSITIVE_INFINITY : stat.right.size, names: null };
    directories.set(directory, asked);
    return asked;
  };

  return (directory) => {
    const asked = directories.get(directory) ?? firstAsked(directory);
    asked.times += 1;
    if (asked.names === null && asked.times * BYTES_PER_NAME > asked.size) {
      const listed = files.readDirectory(directory)();
      if (isLeft(listed)) directories.set(directory, { ...asked, size: Number.POSITIVE_INFINITY });
      else asked.names = new Set(listed.right);
    }
    return asked.names;
  };
};
