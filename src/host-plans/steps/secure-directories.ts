import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import { parentOf } from '../operations/host-path.js';
import { callFailed, type HostOperationError } from './host-error.js';
import { type HostStep, stagingEntriesOf } from './host-step.js';

/** Directories that steps have changed. */
export interface Touched {
  readonly add: (step: HostStep) => void;
  /**
   * The directories in groups, in the order in which they can be made durable: what is kept aside must be durable before it is gone from
   * its place, and when it is put back, it must be durable in its place before it is gone from where it was kept.
   */
  readonly inOrder: (direction: 'doing' | 'undoing') => readonly (readonly string[])[];
}

export const touchedDirectories = (): Touched => {
  const staging = new Set<string>();
  const places = new Set<string>();
  return {
    add: (step) => {
      for (const entry of stagingEntriesOf(step)) staging.add(parentOf(entry));
      const place = placeOf(step);
      if (place !== null) places.add(place);
    },
    inOrder: (direction) => {
      const doing = [[...staging], [...places].filter((place) => !staging.has(place))];
      return direction === 'doing' ? doing : doing.toReversed();
    },
  };
};

/** The directory that a step changes for everybody to see. */
const placeOf = (step: HostStep): string | null => {
  switch (step.step) {
    case 'StageFile':
    case 'StageLink':
      return null;
    case 'TakeAway':
    case 'Replace':
    case 'Place':
    case 'MakeLink':
    case 'MakeDirectory':
      return parentOf(step.path);
    case 'SetMode':
      return step.path;
  }
};

/** Makes a changed directory durable. One that is gone has nothing to lose. */
export const secureDirectory = (
  files: Pick<HostFileSystem, 'fsyncDirectory'>,
  directory: string,
): Either<HostOperationError, void> => {
  const synced = files.fsyncDirectory(directory)();
  return !isLeft(synced) || cannotBeOpened(synced.left) ? right(undefined) : left(callFailed(synced.left));
};

/** Directories that are open at once, at most. */
const SIDE_BY_SIDE = 64;

/** Makes changed directories durable, group by group, and side by side within a group. */
export const secureDirectories =
  (
    files: Pick<HostFileSystem, 'fsyncDirectory' | 'writeNewFiles'>,
    groups: readonly (readonly string[])[],
  ): TaskEither<HostOperationError, void> =>
  async () => {
    for (const group of groups) {
      for (let from = 0; from < group.length; from += SIDE_BY_SIDE) {
        const some = group.slice(from, from + SIDE_BY_SIDE);
        const synced = await files.writeNewFiles([], some)();
        if (!isLeft(synced)) continue;
        // The others were not fsynced. After any other error nothing may be fsynced again: it would seem to succeed.
        if (!cannotBeOpened(synced.left)) return left(callFailed(synced.left));
        for (const directory of some) {
          const secured = secureDirectory(files, directory);
          if (isLeft(secured)) return secured;
        }
      }
    }
    return right(undefined);
  };

/** It is gone, or not readable for us, and so cannot be fsynced. */
const cannotBeOpened = ({ code }: FileSystemError): boolean =>
  code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES';
