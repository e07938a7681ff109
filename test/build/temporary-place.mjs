// Where tests keep their temporary files.

import { chmodSync, mkdtempSync, readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = '/dev/shm';

/** Bytes; tests take a tenth of it. */
const ROOM = 4 * 2 ** 30;

/** Tells whether it is there, has room, and programs in it may be run, which tests do. */
const isOfUse = () => {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '));
    const [, , , options = ''] = mounts.findLast(([, directory]) => directory === IN_MEMORY) ?? [];
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return options !== '' && !options.split(',').includes('noexec') && bavail * bsize >= ROOM;
  } catch (error) {
    // Not every system has such files.
    if (error.code !== 'ENOENT') throw error;
    return false;
  }
};

/**
 * Makes a folder that is removed with all that tests have left in it, as open to other users as that of the system. It lies in
 * memory where there is room: what is promised of disks is tried by simulation, and commits that are killed on a real one; SIGKILL takes from
 * neither what was written.
 */
export const temporaryPlace = () => {
  const folder = mkdtempSync(join(isOfUse() ? IN_MEMORY : tmpdir(), 'pond-steward-tests-'));
  chmodSync(folder, 0o1777);
  return folder;
};
