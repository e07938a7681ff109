import { isLeft } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';

/**
 * Everything below a directory, a line each: paths, kinds, modes, contents, modification times of what is no
 * directory, targets of symlinks. Two trees are the same exactly when their lines are.
 */
export const treeOf = (files: HostFileSystem, root: string): readonly string[] => {
  const lines: string[] = [];
  const visit = (path: string): void => {
    const stat = files.stat(path)();
    if (isLeft(stat)) throw new Error(`${stat.left.call} ${path}: ${stat.left.code}`);
    const { kind, mode, modifiedAt } = stat.right;
    const about = `${path} ${kind} ${mode.toString(8)}`;
    if (kind === 'directory') {
      lines.push(about);
      const names = files.readDirectory(path)();
      if (isLeft(names)) throw new Error(`readdir ${path}: ${names.left.code}`);
      for (const name of names.right.toSorted()) visit(`${path}/${name}`);
      return;
    }
    const content = kind === 'symlink' ? files.readLink(path)() : files.readFile(path)();
    if (isLeft(content)) throw new Error(`read ${path}: ${content.left.code}`);
    const text =
      typeof content.right === 'string' ? content.right : Buffer.from(content.right).toString('base64');
    lines.push(`${about} ${modifiedAt} ${text}`);
  };
  visit(root);
  return lines;
};
