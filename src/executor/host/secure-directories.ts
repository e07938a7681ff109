import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { parentOf } from '../../domain/host-path.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import { callFailed, type HostOperationError } from './host-error.js';
import { type HostStep, stagingEntriesOf } from './host-step.js';

/** Directories that steps have changed. */
export interface Touched {
  readonly add: (step: HostStep) => void;
  /**
   * In which order they can be made durable: what is kept aside must be durable before it is gone from its place, and
   * when it is put back, it must be durable in its place before it is gone from where it was kept.
   */
  readonly inOrder: (direction: 'doing' | 'undoing') => readonly string[];
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
      const doing = [...new Set([...staging, ...places])];
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

/** Makes changed directories durable. One that is gone has nothing to lose. */
export const secureDirectories = (
  files: HostFileSystem,
  directories: Iterable<string>,
): Either<HostOperationError, void> => {
  for (const directory of directories) {
    const synced = files.fsyncDirectory(directory)();
    if (!isLeft(synced) || synced.left.code === 'ENOENT' || synced.left.code === 'ENOTDIR') continue;
    // Not readable for us: it cannot be opened, so it cannot be fsynced.
    if (synced.left.code !== 'EACCES') return left(callFailed(synced.left));
  }
  return right(undefined);
};
