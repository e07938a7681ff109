import { isLeft, left } from 'fp-ts/lib/Either.js';
import { isOfOthers } from '../../trust/ownership.js';
import type { StewardPorts } from '../steward-ports.js';

/** Tells whether others may have put something into a pond's directory: then only `pond trust` approves it. */
export const isPlaceOfOthers = (
  { hostFiles, host }: Pick<StewardPorts, 'hostFiles' | 'host'>,
  directory: string,
): boolean =>
  [directory, `${directory}/data`, `${directory}/control`].some((path) => {
    const found = entryAt(hostFiles, path);
    return isLeft(found) || isOfOthers(found.right, host.user);
  });

const entryAt = (files: StewardPorts['hostFiles'], path: string) => {
  const real = files.realPath(path)();
  return isLeft(real) ? left(real.left) : files.lstat(real.right)();
};
