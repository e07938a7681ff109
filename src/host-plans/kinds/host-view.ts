import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { AccessRight, HostFileSystem } from '../../ports/file-system.js';
import type { Host } from '../../ports/host.js';
import { parentOf } from '../operations/host-path.js';
import { callFailed, cannotRemove, type HostEntryKind } from '../steps/host-error.js';
import { unremovableIn } from '../steps/removable-tree.js';
import { type LeadsSomewhere, linkTargets } from './link-targets.js';
import { plannedEntries, type ViewEntry } from './planned-entries.js';
import { type Answer, walkedPaths } from './walked-paths.js';

/**
 * The host's filesystem as it will be when an operation's turn comes: what is there now, changed by the operations
 * prepared before. Reads only. No path leads through a symlink.
 */
export interface HostView {
  /** Returns what is at a path; null where its directory is there and it is not. */
  readonly entry: (path: string) => Answer<ViewEntry | null>;
  /** Names in a directory. */
  readonly children: (path: string) => Answer<readonly string[]>;
  /** The path will hold a new entry, or none. */
  readonly put: (path: string, kind: HostEntryKind | null) => void;
  /** Tells whether this process may make and remove entries in the directory of a path. */
  readonly mayChange: (path: string) => Answer<void>;
  readonly mayRead: (path: string) => Answer<void>;
  /** Tells whether a directory that is there can be removed with all that is in it. */
  readonly mayRemoveTree: (path: string) => Answer<void>;
  /** Tells whether there is something that a symlink to `path` would lead to. */
  readonly leadsSomewhere: LeadsSomewhere;
}

const ALLOWED: Answer<void> = right(undefined);

export const createHostView = (files: HostFileSystem, user: Host['user']): HostView => {
  const planned = plannedEntries();
  const walked = walkedPaths(files, planned);
  const mayChangeIn = rememberedAccess(files, ['write', 'search']);
  const mayList = rememberedAccess(files, ['read', 'search']);
  const mayReadFile = rememberedAccess(files, ['read']);

  return {
    entry: walked.entry,
    children: (path) => {
      const found = walked.directory(path, path);
      if (isLeft(found)) return found;
      const onDisk = found.right.isNew ? right([]) : files.readDirectory(path)();
      if (isLeft(onDisk)) return left(callFailed(onDisk.left));
      const names = new Set([...onDisk.right, ...planned.namesIn(path)]);
      return right([...names].filter((name) => planned.at(below(path, name)) !== null));
    },
    put: (path, kind) => {
      planned.put(path, kind);
      walked.forget(path);
    },
    mayChange: (path) => {
      const above = parentOf(path);
      const parent = walked.directory(above, path);
      if (isLeft(parent)) return parent;
      return parent.right.isNew ? ALLOWED : mayChangeIn(above);
    },
    mayRead: (path) => {
      const found = walked.entry(path);
      if (isLeft(found)) return found;
      if (found.right === null || found.right.isNew) return ALLOWED;
      return found.right.kind === 'directory' ? mayList(path) : mayReadFile(path);
    },
    mayRemoveTree: (path) => {
      const found = walked.directory(path, path);
      if (isLeft(found)) return found;
      if (found.right.isNew) return ALLOWED;
      const unremovable = unremovableIn(files, user, path);
      return unremovable === null ? ALLOWED : left(cannotRemove(unremovable));
    },
    leadsSomewhere: linkTargets(files, planned, walked),
  };
};

/** Tells whether this process has some rights to a path; each is asked about once. */
const rememberedAccess = (files: HostFileSystem, rights: readonly AccessRight[]) => {
  const answers = new Map<string, Answer<void>>();
  return (path: string): Answer<void> => {
    const known = answers.get(path);
    if (known !== undefined) return known;
    const answered = files.access(path, rights)();
    const answer: Answer<void> = isLeft(answered) ? left(callFailed(answered.left)) : ALLOWED;
    answers.set(path, answer);
    return answer;
  };
};

const below = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;
