import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { errnoOf } from '../files/errno.js';

/** Path that the C library takes when there is no PATH. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The absolute path of a program as `execvp` would find it: names with a slash from `cwd`, others in `path`. Left:
 * the errno name; `EACCES` where there is one but it cannot be executed. The working directory is checked first,
 * because a missing one would look like a missing program.
 */
export const findProgram = (
  program: string,
  cwd: string,
  path: string | undefined,
): Either<string, string> => {
  const directory = problemWith(cwd, 'directory');
  if (directory !== null) return left(`working directory ${cwd}: ${directory}`);
  const candidates = program.includes('/')
    ? [resolve(cwd, program)]
    : (path ?? DEFAULT_PATH).split(':').map((entry) => join(resolve(cwd, entry), program));
  const problems = candidates.map((candidate) => problemWith(candidate, 'program'));
  const found = candidates[problems.indexOf(null)];
  if (found !== undefined) return right(found);
  return left(problems.includes('EACCES') ? 'EACCES' : 'ENOENT');
};

const problemWith = (path: string, wanted: 'program' | 'directory'): string | null => {
  try {
    const stat = statSync(path);
    if (wanted === 'directory') return stat.isDirectory() ? null : 'ENOTDIR';
    if (!stat.isFile()) return 'EACCES';
    accessSync(path, constants.X_OK);
    return null;
  } catch (error) {
    return errnoOf(error);
  }
};
