import type { FoundInstead } from './file-system.js';

/** Words for each kind of thing that a pond finds in the place of a file or directory of its own. */
const INSTEAD: Readonly<Record<FoundInstead, string>> = {
  symlink: 'is a symlink: nothing in a pond is reached through symlinks',
  'dangling-symlink': 'is a symlink that leads nowhere',
  'symlink-of-another':
    'is a symlink that another user has put there, and leads to what is not theirs: if that is right, give the link to root (chown -h root LINK), or name the real path',
  directory: 'is a directory, where a file of the pond belongs',
  file: 'is a file, where a directory of the pond belongs',
  special: 'is a pipe, socket or device, where a file of the pond belongs',
  other: 'is a pipe, socket or device, where a file of the pond belongs',
  outside: 'is a name that leads out of the pond',
  'too-large': 'is larger than such a file ever is',
};

/** Words for what was found in the place of a file or directory of a pond. */
export const describeInstead = (found: FoundInstead): string => INSTEAD[found];
