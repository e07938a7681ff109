import { sha256 } from '../../../src/domain/documents/sha256.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';
import { done } from './outcomes.js';

/** One path of a tree, as far as people see it. */
export interface TreeEntry {
  /** Path below the root that was asked for; empty: that root. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  /** Octal; null for symlinks, which have none of their own. */
  readonly mode: string | null;
  /** SHA-256 of a file's content. */
  readonly digest: string | null;
  /** Text of a symlink. */
  readonly target: string | null;
  /** Microseconds since the epoch; of files only, since directories change with their entries. */
  readonly modifiedAt: number | null;
}

/**
 * Everything at and below `root`, by path: two trees are equal exactly when their contents, modes, link targets and
 * files' modification times are. Works for a real directory (`nodeFileSystem`) and for the memory filesystem (its
 * `onlooker`) alike, and must be allowed to read all of it.
 */
export const treeOf = (files: HostFileSystem, root: string): readonly TreeEntry[] => {
  const entries: TreeEntry[] = [];
  const visit = (path: string): void => {
    const entry = entryOf(files, root, path);
    entries.push(entry);
    if (entry.kind !== 'directory') return;
    for (const name of [...done(files.readDirectory(path))].sort()) {
      visit(path === '/' ? `/${name}` : `${path}/${name}`);
    }
  };
  visit(root);
  return entries;
};

const entryOf = (files: HostFileSystem, root: string, path: string): TreeEntry => {
  const { kind, mode, modifiedAt } = done(files.lstat(path));
  return {
    path: path === root ? '' : path.slice(root === '/' ? 0 : root.length),
    kind,
    mode: kind === 'symlink' ? null : `0${mode.toString(8)}`,
    digest: kind === 'file' ? sha256(done(files.readFile(path))) : null,
    target: kind === 'symlink' ? done(files.readLink(path)) : null,
    modifiedAt: kind === 'file' ? modifiedAt : null,
  };
};
