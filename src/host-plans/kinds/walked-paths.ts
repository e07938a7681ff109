import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import { parentOf } from '../operations/host-path.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import type { PlannedEntries, ViewEntry } from './planned-entries.js';

export type Answer<A> = Either<HostOperationError, A>;

/** Paths walked to through directories only: what is there now, or what a plan puts there. What stands in the way is said of `wanted`. */
export interface WalkedPaths {
  /** Returns what is at a path; null where its directory is there and it is not. */
  readonly entry: (path: string) => Answer<ViewEntry | null>;
  readonly directory: (path: string, wanted: string) => Answer<ViewEntry>;
  /** Forgets that a path was walked to: what is there has changed. */
  readonly forget: (path: string) => void;
}

const ROOT: Answer<ViewEntry> = right({ kind: 'directory', isNew: false });
const NOTHING: Answer<null> = right(null);

export const walkedPaths = (files: Pick<HostFileSystem, 'stat'>, planned: PlannedEntries): WalkedPaths => {
  /** Forgotten when one of them changes. */
  const directories = new Map<string, Answer<ViewEntry>>();

  const directory = (path: string, wanted: string): Answer<ViewEntry> => {
    if (path === '/') return ROOT;
    const known = directories.get(path);
    if (known !== undefined) return known;
    const found = lookUp(path, wanted);
    if (isLeft(found)) return found;
    const entry = found.right;
    if (entry === null) return left({ _tag: 'ParentNotFound', path: wanted, parent: path });
    if (entry.kind === 'symlink') return left({ _tag: 'SymlinkInPath', path: wanted, link: path });
    if (entry.kind !== 'directory') return left({ _tag: 'ParentNotADirectory', path: wanted, parent: path });
    const walked = right(entry);
    directories.set(path, walked);
    return walked;
  };

  const lookUp = (path: string, wanted: string): Answer<ViewEntry | null> => {
    if (path === '/') return ROOT;
    const parent = directory(parentOf(path), wanted);
    if (isLeft(parent)) return parent;
    const change = planned.at(path);
    if (change !== undefined) return right(change);
    return parent.right.isNew ? NOTHING : onHost(files, path);
  };

  return {
    entry: (path) => lookUp(path, path),
    directory,
    forget: (path) => {
      if (directories.has(path)) directories.clear();
    },
  };
};

const onHost = (files: Pick<HostFileSystem, 'stat'>, path: string): Answer<ViewEntry | null> => {
  const stat = files.stat(path)();
  if (!isLeft(stat)) return right({ kind: stat.right.kind, isNew: false });
  return stat.left.code === 'ENOENT' ? NOTHING : left(callFailed(stat.left));
};
