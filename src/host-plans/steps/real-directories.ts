import { isLeft } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import { nameOf, parentOf } from '../operations/host-path.js';
import { type Acceptance, isOfNobodyElse } from './shared-directory.js';

type Looking = Pick<HostFileSystem, 'lstat' | 'readLink'>;

const MOST_LINKS = 40;

export interface Following extends Acceptance {
  /** Links that are left as they are. */
  readonly changed: ReadonlySet<string>;
}

/**
 * Directories without symlinks on the way, each found once. A link is followed where only root and this user could have
 * put it there, or exchange it; any other one is left in the path, where whoever walks it is stopped by it. So is one that leads
 * nowhere. What is not there is left as it is.
 */
export const realDirectories = (
  files: Looking,
  { user, allowShared, changed }: Following,
): ((directory: string) => string) => {
  const known = new Map<string, string>([['/', '/']]);
  let links = 0;

  const followed = (path: string): string => {
    const found = files.lstat(path)();
    if (isLeft(found) || found.right.kind !== 'symlink' || links >= MOST_LINKS) return path;
    if (!allowShared && !isOfNobodyElse(files, user, path)) return path;
    const text = files.readLink(path)();
    if (isLeft(text)) return path;
    links += 1;
    const led = walk(text.right.startsWith('/') ? '/' : parentOf(path), text.right);
    links -= 1;
    return isLeft(files.lstat(led)()) ? path : led;
  };

  const walk = (from: string, text: string): string => {
    let at = from;
    for (const name of text.split('/')) {
      if (name === '' || name === '.') continue;
      at = name === '..' ? parentOf(at) : followed(below(at, name));
    }
    return at;
  };

  return (directory) => {
    const before = known.get(directory);
    if (before !== undefined) return before;
    const waiting: string[] = [];
    let at = directory;
    for (; !known.has(at); at = parentOf(at)) waiting.push(at);
    let real = known.get(at) ?? at;
    for (const path of waiting.toReversed()) {
      const here = below(real, nameOf(path));
      real = changed.has(path) || changed.has(here) ? here : followed(here);
      known.set(path, real);
    }
    return real;
  };
};

const below = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;
