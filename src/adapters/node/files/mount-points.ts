import { readFileSync } from 'node:fs';
import { codeOf } from './node-file-errors.js';

/** File in which Linux tells what is mounted. */
export const MOUNTS = '/proc/self/mountinfo';

/** Directories on which something is mounted; none on systems that do not tell, and say so only when one is removed. */
export const mountPoints = (): readonly string[] => {
  try {
    return readFileSync(MOUNTS, 'utf8').split('\n').flatMap(mountPointIn);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
};

/** The fifth word of a line; spaces and other separators in it are octal. */
const mountPointIn = (line: string): readonly string[] => {
  const path = line.split(' ')[4];
  if (path === undefined) return [];
  return [
    path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
  ];
};
