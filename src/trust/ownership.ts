import type { EntryStat } from '../ports/file-system.js';
import type { Host } from '../ports/host.js';

const BY_GROUP = 0o020;
const BY_OTHERS = 0o002;
/** Its owner shares it with a group, be it the one that is this user's own. */
const SHARED = 0o2020;

/**
 * Tells whether others than this user may have put something into a directory: it belongs to another user, or others can write
 * it, or a group that is not this user's own, or it is shared with a group.
 */
export const isOfOthers = (
  { owner, group, mode }: Pick<EntryStat, 'owner' | 'group' | 'mode'>,
  user: Host['user'],
): boolean => {
  if (user === null) return false;
  if (owner !== user.id || (mode & BY_OTHERS) !== 0 || (mode & SHARED) === SHARED) return true;
  return (mode & BY_GROUP) !== 0 && group !== user.group;
};
