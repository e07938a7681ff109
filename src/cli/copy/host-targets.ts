import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { isWithin, namesOf, type PondPath } from '../../domain/paths/pond-path.js';
import { type UsageError, usage } from '../errors.js';
import type { CopyOut } from './direction.js';
import type { OutgoingFile } from './outgoing-files.js';

/** Host path that a file of the pond goes to. */
export interface HostTarget {
  readonly file: OutgoingFile;
  /** The directory that nothing may leave; what is above it is the user's business. */
  readonly root: string;
  /** Names below the root; the last one is the file's. */
  readonly names: readonly string[];
}

/**
 * Paths that the files go to. One named file goes to the target itself, or into it where it is a directory. Files that a
 * pattern matched keep their whole path below the target, without `stripPrefix` in front.
 */
export const hostTargets = (
  files: readonly OutgoingFile[],
  copy: CopyOut,
  targetIsDirectory: boolean,
): E.Either<UsageError, readonly HostTarget[]> => {
  const toTheFile =
    copy.sources.length === 1 && !copy.intoDirectory && !targetIsDirectory && copy.stripPrefix === null;
  const targets: HostTarget[] = [];
  const taken = new Map<string, PondPath>();
  for (const file of files) {
    const names = namesBelowTarget(file, copy.stripPrefix);
    if (names.length === 0) {
      return E.left(
        usage(`--strip-prefix ${copy.stripPrefix} leaves nothing of ${file.path}, or does not begin it`),
      );
    }
    const target: HostTarget =
      file.isExact && toTheFile
        ? { file, root: join(copy.target, '..'), names: [basename(copy.target)] }
        : { file, root: copy.target, names };
    const place = join(target.root, ...target.names);
    const other = taken.get(place);
    if (other !== undefined && other !== file.path) {
      return E.left(usage(`${other} and ${file.path} would both be written to ${place}`));
    }
    if (other === undefined) targets.push(target);
    taken.set(place, file.path);
  }
  return E.right(targets);
};

const namesBelowTarget = (
  { path, isExact }: OutgoingFile,
  stripPrefix: PondPath | null,
): readonly string[] => {
  const names = namesOf(path);
  if (stripPrefix === null) return isExact ? names.slice(-1) : names;
  return isWithin(stripPrefix, path) ? names.slice(namesOf(stripPrefix).length) : [];
};
