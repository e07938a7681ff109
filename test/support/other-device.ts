import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';

const deviceOf = (directory: string): number | undefined =>
  statSync(directory, { throwIfNoEntry: false })?.dev;

/** A directory on another device than that of temporary files; null where there is none. */
export const otherDevice = (): string | null =>
  ['/dev/shm', '/tmp', '/var/tmp'].find(
    (directory) => ![undefined, deviceOf(tmpdir())].includes(deviceOf(directory)),
  ) ?? null;
