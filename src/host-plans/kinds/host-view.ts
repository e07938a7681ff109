import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { AccessRight, HostFileSystem } from '../../ports/file-system.js';
import type { Host } from '../../ports/host.js';
import { parentOf } from '../operations/host-path.js';
import {
  callFailed,
  cannotRemove,
  type HostEntryKind,
  type HostOperationError,
} from '../steps/host-error.js';
import { unremovableIn } from '../steps/removable-tree.js';
import { knownNames } from './known-names.js';

type Answer<A> = Either<HostOperationError, A>;

/** Entry at a path once the operations before have been executed. */
export interface ViewEntry {
  readonly kind: HostEntryKind;
  /** The plan puts it there: of a directory, nothing is in it but what the plan puts there, too. */
  readonly isNew: boolean;
}

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
  readonly leadsSomewhere: (path: string) => Answer<boolean>;
}

const ROOT: ViewEntry = { kind: 'directory', isNew: false };

const NEW: Readonly<Record<HostEntryKind, ViewEntry>> = {
  file: { kind: 'file', isNew: true },
  directory: { kind: 'directory', isNew: true },
  symlink: { kind: 'symlink', isNew: true },
  other: { kind: 'other', isNew: true },
};

const NOTHING: Answer<null> = right(null);
const ALLOWED: Answer<void> = right(undefined);

const TO_CHANGE: readonly AccessRight[] = ['write', 'search'];
const TO_LIST: readonly AccessRight[] = ['read', 'search'];
const TO_READ: readonly AccessRight[] = ['read'];

export const createHostView = (files: HostFileSystem, user: Host['user']): HostView => {
  const changed = new Map<string, ViewEntry | null>();
  /** Names that have changed, by directory: made when it is first asked for, which few plans do. */
  let changedIn: Map<string, Set<string>> | null = null;
  /** Directories that have been walked to; forgotten when one of them changes. */
  const directories = new Map<string, ViewEntry>();
  const changeable = new Map<string, Answer<void>>();
  const readable = new Map<string, Answer<void>>();
  const namesIn = knownNames(files);

  const onHost = (path: string): Answer<ViewEntry | null> => {
    const stat = files.stat(path)();
    if (!isLeft(stat)) return right({ kind: stat.right.kind, isNew: false });
    return stat.left.code === 'ENOENT' ? NOTHING : left(callFailed(stat.left));
  };

  const directory = (path: string, wanted: string): Answer<ViewEntry> => {
    if (path === '/') return right(ROOT);
    const known = directories.get(path);
    if (known !== undefined) return right(known);
    const found = lookUp(path, wanted);
    if (isLeft(found)) return found;
    const entry = found.right;
    if (entry === null) return left({ _tag: 'ParentNotFound', path: wanted, parent: path });
    if (entry.kind === 'symlink') return left({ _tag: 'SymlinkInPath', path: wanted, link: path });
    if (entry.kind !== 'directory') return left({ _tag: 'ParentNotADirectory', path: wanted, parent: path });
    directories.set(path, entry);
    return right(entry);
  };

  const lookUp = (path: string, wanted: string): Answer<ViewEntry | null> => {
    if (path === '/') return right(ROOT);
    const parent = directory(parentOf(path), wanted);
    if (isLeft(parent)) return parent;
    const planned = changed.get(path);
    if (planned !== undefined) return right(planned);
    return parent.right.isNew ? NOTHING : onHost(path);
  };

  const noteIn = (byDirectory: Map<string, Set<string>>, path: string): void => {
    const parent = parentOf(path);
    const siblings = byDirectory.get(parent) ?? new Set();
    siblings.add(path.slice(path.lastIndexOf('/') + 1));
    byDirectory.set(parent, siblings);
  };

  const changesByDirectory = (): ReadonlyMap<string, ReadonlySet<string>> => {
    if (changedIn !== null) return changedIn;
    const byDirectory = new Map<string, Set<string>>();
    for (const path of changed.keys()) noteIn(byDirectory, path);
    changedIn = byDirectory;
    return byDirectory;
  };

  const may = (
    path: string,
    rights: readonly AccessRight[],
    answers: Map<string, Answer<void>>,
  ): Answer<void> => {
    const known = answers.get(path);
    if (known !== undefined) return known;
    const answered = files.access(path, rights)();
    const answer: Answer<void> = isLeft(answered) ? left(callFailed(answered.left)) : ALLOWED;
    answers.set(path, answer);
    return answer;
  };

  return {
    entry: (path) => lookUp(path, path),
    children: (path) => {
      const found = directory(path, path);
      if (isLeft(found)) return found;
      const onDisk = found.right.isNew ? right([]) : files.readDirectory(path)();
      if (isLeft(onDisk)) return left(callFailed(onDisk.left));
      const names = new Set([...onDisk.right, ...(changesByDirectory().get(path) ?? [])]);
      return right([...names].filter((name) => changed.get(below(path, name)) !== null));
    },
    put: (path, kind) => {
      changed.set(path, kind === null ? null : NEW[kind]);
      if (changedIn !== null) noteIn(changedIn, path);
      if (directories.has(path)) directories.clear();
    },
    mayChange: (path) => {
      const above = parentOf(path);
      const parent = directory(above, path);
      if (isLeft(parent)) return parent;
      return parent.right.isNew ? ALLOWED : may(above, TO_CHANGE, changeable);
    },
    mayRead: (path) => {
      const found = lookUp(path, path);
      if (isLeft(found)) return found;
      if (found.right === null || found.right.isNew) return ALLOWED;
      return may(path, found.right.kind === 'directory' ? TO_LIST : TO_READ, readable);
    },
    mayRemoveTree: (path) => {
      const found = directory(path, path);
      if (isLeft(found)) return found;
      if (found.right.isNew) return ALLOWED;
      const unremovable = unremovableIn(files, user, path);
      return unremovable === null ? ALLOWED : left(cannotRemove(unremovable));
    },
    leadsSomewhere: (path) => {
      const above = parentOf(path);
      const parent = directory(above, path);
      // Many links lead to what is there and stays: to be sure of that takes half the time of looking at it.
      if (!isLeft(parent) && !parent.right.isNew && !changed.has(path)) {
        const isThere =
          namesIn(above)?.has(path.slice(path.lastIndexOf('/') + 1)) ?? !isLeft(files.access(path, [])());
        if (isThere) return right(true);
      }
      const found = lookUp(path, path);
      if (!isLeft(found)) return right(found.right !== null);
      if (found.left._tag !== 'SymlinkInPath') return right(false);
      // A link may lead through other links: only whether there is something, or will be, is asked.
      if (!isLeft(files.realPath(path)())) return right(true);
      const { link } = found.left;
      const real = files.realPath(link)();
      const beyond = isLeft(real) ? null : `${real.right}${path.slice(link.length)}`;
      if (beyond === null || beyond === path) return right(false);
      const led = lookUp(beyond, beyond);
      return right(!isLeft(led) && led.right !== null);
    },
  };
};

const below = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;
