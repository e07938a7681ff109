import { dirname } from 'node:path';
import { giveDirectories } from '../node/files/given-to-owner.js';
import { chmodUnopened } from '../node/files/node-file-attributes.js';
import { mkdirAllSync } from '../node/files/path-bytes.js';
import { isShared } from './database-file.js';

const FOR_OWNER = 0o700;
const FOR_GROUP = 0o2770;
/** Directories above, which are not this product's alone. */
const ABOVE = 0o755;

/**
 * Makes a directory of databases or locks, this user's alone from the moment in which it is there, and those above it; where it lies in one
 * that is shared with a group, its members make theirs there, too. Returns the topmost that it made, null where all were there.
 */
export const makePrivateDirectory = (directory: string): string | null => {
  const topmost = mkdirAllSync(directory, FOR_OWNER, ABOVE);
  if (topmost === null) return null;
  if (topmost === directory && isShared(dirname(directory))) chmodUnopened(directory, FOR_GROUP);
  giveDirectories(topmost, directory);
  return topmost;
};
