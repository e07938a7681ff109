import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { EntryStat, HostFileSystem } from '../../ports/file-system.js';
import type { Host } from '../../ports/host.js';
import { ancestorsOf, isWithin, parentOf } from '../operations/host-path.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';

type Answer<A> = Either<HostOperationError, A>;

/** Names for what an operation keeps aside for the time of the plan, in one staging directory. */
export interface StagingNames {
  readonly staged: string;
  readonly preserved: string;
  readonly device: bigint;
}

/** State of the host just before a batch, by which steps are chosen. */
export interface HostScene {
  readonly files: HostFileSystem;
  /** User to whom what is made will belong; null where files belong to nobody. */
  readonly user: Host['user'];
  /** Returns what is at a path; null where there is nothing. Refuses a way through symlinks. */
  readonly entry: (path: string) => Answer<EntryStat | null>;
  /** Refuses a way through symlinks, or one that is not there. */
  readonly way: (path: string) => Answer<void>;
  /** `entry` in less time, where the entry's identity is not needed. */
  readonly isFree: (path: string) => Answer<boolean>;
  /** New names in a staging directory on the device of the path's directory. */
  readonly staging: (path: string) => Answer<StagingNames>;
}

/** Directory in which a plan keeps things aside. */
export interface StagingPlaces {
  /** Name of the staging directories of this plan. */
  readonly name: string;
  /** Trees that the plan removes or copies: no staging directory lies in them. */
  readonly avoided: readonly string[];
  /** Directories that the plan has made until now. */
  readonly made: ReadonlySet<string>;
  readonly nextNumber: () => number;
}

const WALKED: Answer<void> = right(undefined);

/** The scene of one batch: the ways to its paths are walked once. */
export const createHostScene = (
  files: HostFileSystem,
  places: StagingPlaces,
  user: Host['user'],
): HostScene => {
  const walked = new Set<string>();
  const stagingOf = new Map<string, Answer<{ readonly directory: string; readonly device: bigint }>>();

  /** Every directory on the way to a path must still be one. */
  const walkTo = (path: string): Answer<void> => {
    // Whoever has come to a directory has come through all above it.
    if (walked.has(parentOf(path))) return WALKED;
    for (const directory of ancestorsOf(path).toReversed()) {
      if (walked.has(directory)) continue;
      const stat = files.stat(directory)();
      if (isLeft(stat)) {
        return stat.left.code === 'ENOENT'
          ? left({ _tag: 'ParentNotFound', path, parent: directory })
          : left(callFailed(stat.left));
      }
      if (stat.right.kind === 'symlink') return left({ _tag: 'SymlinkInPath', path, link: directory });
      if (stat.right.kind !== 'directory') {
        return left({ _tag: 'ParentNotADirectory', path, parent: directory });
      }
      walked.add(directory);
    }
    return WALKED;
  };

  const stagingIn = (parent: string): Answer<{ readonly directory: string; readonly device: bigint }> => {
    const home = files.lstat(parent)();
    if (isLeft(home)) return left(callFailed(home.left));
    for (const candidate of [parent, ...ancestorsOf(parent), '/']) {
      if (places.made.has(candidate) || places.avoided.some((tree) => isWithin(candidate, tree))) continue;
      const stat = files.lstat(candidate)();
      if (isLeft(stat) || stat.right.device !== home.right.device) break;
      const directory = candidate === '/' ? `/${places.name}` : `${candidate}/${places.name}`;
      return right({ directory, device: home.right.device });
    }
    return left({ _tag: 'NoPlaceToPreserve', path: parent });
  };

  return {
    files,
    user,
    way: walkTo,
    entry: (path) => {
      const way = walkTo(path);
      if (isLeft(way)) return way;
      const stat = files.lstat(path)();
      if (!isLeft(stat)) return stat;
      return stat.left.code === 'ENOENT' ? right(null) : left(callFailed(stat.left));
    },
    isFree: (path) => {
      const way = walkTo(path);
      if (isLeft(way)) return way;
      const stat = files.stat(path)();
      if (!isLeft(stat)) return right(false);
      return stat.left.code === 'ENOENT' ? right(true) : left(callFailed(stat.left));
    },
    staging: (path) => {
      const parent = parentOf(path);
      const found = stagingOf.get(parent) ?? stagingIn(parent);
      stagingOf.set(parent, found);
      if (isLeft(found)) return found;
      const base = `${found.right.directory}/${places.nextNumber()}`;
      return right({ staged: `${base}.staged`, preserved: `${base}.preserved`, device: found.right.device });
    },
  };
};
