import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeFolder, run } from '../crash/machinery/built-ponds.js';
import type { Scarcity } from '../crash/machinery/full-disk.js';
import { pondIn } from '../crash/machinery/invariants.js';

const execute = promisify(execFile);

/** Why no small filesystem can be mounted here; null where one can. */
export const whyNoTmpfs = async (): Promise<string | null> => {
  const place = await mkdtemp(join(tmpdir(), 'pond-soak-mount-'));
  try {
    await mount(place);
    await execute('umount', [place]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  } finally {
    await removeFolder(place);
  }
};

/** Enough for everything but the command that is tried. */
const ROOMY = '64m';

const mount = (place: string) => execute('mount', ['-t', 'tmpfs', '-o', `size=${ROOMY}`, 'pond-soak', place]);
const resize = (place: string, size: string) => execute('mount', ['-o', `remount,size=${size}`, place]);

/** All of a run lies on a filesystem of its own, on which the command finds so many bytes free. */
export const tmpfsWith = (free: number): Scarcity => ({
  name: `${free} bytes free`,
  begin: async (folder) => {
    const aside = `${folder}-aside`;
    await rename(folder, aside);
    await mkdir(folder);
    await mount(folder);
    await cp(aside, folder, { recursive: true });
    await removeFolder(aside);
  },
  run: async (executable, folder, args, env) => {
    const { blocks, bfree, bsize } = await statfs(folder);
    // A size of zero would be no limit.
    await resize(folder, String(Math.max(bsize, (blocks - bfree) * bsize + free)));
    const ended = await run(executable, pondIn(folder), args, { env });
    await resize(folder, ROOMY);
    return ended;
  },
  end: async (folder) => {
    // Later, if need be: this process keeps the files of locks open that it has used.
    await execute('umount', ['--lazy', folder]);
  },
});
