import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { BindingPorts } from '../../effects/binding-here.js';
import type { AppendLogs } from '../../ports/append-log.js';
import type { Clock } from '../../ports/clock.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { Ids } from '../../ports/ids.js';
import type { Locks } from '../../ports/locks.js';
import type { Logger } from '../../ports/logger.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import type { JournalAuthor } from './journal-seal.js';

/** Ports that keeping checkpoints in files needs. */
export interface CheckpointPorts {
  readonly files: HostFileSystem;
  readonly logs: AppendLogs;
  readonly locks: Locks;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pid: number;
  readonly userState: BindingPorts['userState'];
  readonly host: BindingPorts['host'];
}

/** A directory of checkpoints, and who seals those that are made in it. */
export interface CheckpointPlace {
  readonly ports: CheckpointPorts;
  readonly directory: string;
  readonly author: JournalAuthor;
}

/** The journal of a plan that is being executed, was interrupted by a crash, or was rolled back. */
export interface FoundCheckpoint {
  readonly id: string;
  readonly path: string;
  /** `open`: its plan has not ended, whether or not somebody is at it. */
  readonly state: 'open' | 'rolled_back' | 'incomplete';
}

const SUFFIXES = {
  open: '.journal',
  rolled_back: '.rolled-back',
  incomplete: '.incomplete',
} as const;

const STATES = ['open', 'rolled_back', 'incomplete'] as const;

const LOCK_SUFFIX = '.lock';

/** File of a checkpoint in one of its states. */
export const checkpointPath = (
  { directory }: CheckpointPlace,
  id: string,
  state: FoundCheckpoint['state'],
): string => `${directory}/${id}${SUFFIXES[state]}`;

/** File that whoever is at a checkpoint holds locked. */
export const lockPath = ({ directory }: CheckpointPlace, id: string): string =>
  `${directory}/${id}${LOCK_SUFFIX}`;

/** Files of a directory of checkpoints: the checkpoints, oldest first, and the ids of which there is a lock. */
export interface CheckpointListing {
  readonly checkpoints: readonly FoundCheckpoint[];
  readonly locked: readonly string[];
}

/** Lists a directory of checkpoints. A missing one has none. */
export const listCheckpoints = ({
  ports: { files },
  directory,
}: CheckpointPlace): Either<HostOperationError, CheckpointListing> => {
  const names = files.readDirectory(directory)();
  if (isLeft(names))
    return names.left.code === 'ENOENT'
      ? right({ checkpoints: [], locked: [] })
      : left(callFailed(names.left));
  return right({
    checkpoints: names.right.toSorted().flatMap((name) => foundAs(directory, name)),
    locked: names.right.flatMap((name) =>
      name.endsWith(LOCK_SUFFIX) ? [name.slice(0, -LOCK_SUFFIX.length)] : [],
    ),
  });
};

const foundAs = (directory: string, name: string): readonly FoundCheckpoint[] => {
  const state = STATES.find((one) => name.endsWith(SUFFIXES[one]));
  return state === undefined
    ? []
    : [{ id: name.slice(0, -SUFFIXES[state].length), path: `${directory}/${name}`, state }];
};
