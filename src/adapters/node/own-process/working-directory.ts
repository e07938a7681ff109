import { readlinkSync } from 'node:fs';

/**
 * The working directory. One that was removed under the process has the name that the system still knows it by, at which nothing is
 * found: what is named absolutely still works.
 */
export const workingDirectory = (): string => {
  try {
    return process.cwd();
  } catch {
    return removedDirectory();
  }
};

/** `/srv/gone (deleted)`; where the system does not say it, a name below which there is never anything. */
const removedDirectory = (): string => {
  try {
    return readlinkSync('/proc/self/cwd');
  } catch {
    return '/dev/null';
  }
};
