import { isLeft } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import { nameOf, parentOf } from '../operations/host-path.js';
import { knownNames } from './known-names.js';
import type { PlannedEntries } from './planned-entries.js';
import type { WalkedPaths } from './walked-paths.js';

/** Tells whether there is something, or will be, that a symlink to a path leads to, be it through other links. */
export type LeadsSomewhere = (path: string) => boolean;

export const linkTargets = (
  files: HostFileSystem,
  planned: PlannedEntries,
  walked: WalkedPaths,
): LeadsSomewhere => {
  const namesIn = knownNames(files);

  /** Many links lead to what is there and stays: to be sure of that takes half the time of looking at it. */
  const isThereAndStays = (path: string): boolean => {
    const above = parentOf(path);
    const parent = walked.directory(above, path);
    if (isLeft(parent) || parent.right.isNew || planned.at(path) !== undefined) return false;
    return namesIn(above)?.has(nameOf(path)) ?? !isLeft(files.access(path, [])());
  };

  const isBeyondLink = (path: string, link: string): boolean => {
    if (!isLeft(files.realPath(path)())) return true;
    const real = files.realPath(link)();
    const beyond = isLeft(real) ? null : `${real.right}${path.slice(link.length)}`;
    if (beyond === null || beyond === path) return false;
    const led = walked.entry(beyond);
    return !isLeft(led) && led.right !== null;
  };

  return (path) => {
    if (isThereAndStays(path)) return true;
    const found = walked.entry(path);
    if (!isLeft(found)) return found.right !== null;
    return found.left._tag === 'SymlinkInPath' && isBeyondLink(path, found.left.link);
  };
};
