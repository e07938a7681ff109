import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** A directory on another device than that of temporary files; null where there is none. */
export const otherDevice = (): string | null =>
  existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev ? '/dev/shm' : null;
