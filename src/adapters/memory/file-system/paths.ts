import { type Call, demand, type Kernel, refuse, SEARCH } from './kernel.js';
import type { DirectoryNode, Node } from './nodes.js';

/** Symlinks that may be followed on one way. */
const MOST_LINKS = 40;
/** Bytes of a name. */
const LONGEST_NAME = 255;

/** Place that a path leads to: a name in a directory, and what has that name, if anything. */
export interface Place {
  readonly parent: DirectoryNode;
  /** Empty: the way ended at a directory that it did not name, as `/` or `..` do. */
  readonly name: string;
  readonly node: Node | null;
}

/**
 * Walks a path as the kernel does: every directory on the way must allow it, a symlink on the way is replaced by its
 * text, and one at the end only when it is to be followed. Only the last name may be missing.
 */
export const locate = (kernel: Kernel, call: Call, path: string, { follow }: { follow: boolean }): Place => {
  if (!path.startsWith('/')) throw new Error(`the memory filesystem has no working directory: ${path}`);
  const { root } = kernel.disk;
  let directory = root;
  let links = 0;
  let waiting = namesOf(path);
  for (let [name, ...rest] = waiting; name !== undefined; [name, ...rest] = waiting) {
    waiting = rest;
    if (name === SLASH) continue;
    demand(kernel, call, directory, SEARCH);
    if (Buffer.byteLength(name) > LONGEST_NAME) refuse(call, 'ENAMETOOLONG');
    if (name === '.') continue;
    if (name === '..') {
      directory = parentOf(directory);
      continue;
    }
    const isLast = rest.length === 0;
    const node = directory.entries.get(name);
    if (node?.kind === 'symlink' && (follow || !isLast)) {
      links += 1;
      if (links > MOST_LINKS) refuse(call, 'ELOOP');
      if (node.target.startsWith('/')) directory = root;
      waiting = [...namesOf(node.target), ...rest];
    } else if (isLast) {
      return { parent: directory, name, node: node ?? null };
    } else if (node?.kind === 'directory') {
      directory = node;
    } else {
      refuse(call, node === undefined ? 'ENOENT' : 'ENOTDIR');
    }
  }
  return { parent: parentOf(directory), name: '', node: directory };
};

/** The root has itself as its parent. */
const parentOf = (directory: DirectoryNode): DirectoryNode => directory.parent ?? directory;

/** A slash at the end asks for a directory, but not, as `/.` does, for the right to search it. */
const SLASH = '/';

const namesOf = (path: string): readonly string[] => {
  const names = path.split('/').filter((name) => name !== '');
  return path.endsWith('/') && names.length > 0 ? [...names, SLASH] : names;
};

/** Returns what is there, or `ENOENT`. */
export const existing = (kernel: Kernel, call: Call, path: string, how: { follow: boolean }): Node =>
  locate(kernel, call, path, how).node ?? refuse(call, 'ENOENT');

/** The path of a place without symlinks. */
export const pathOf = ({ parent, name, node }: Place): string => {
  if (name === '') return node?.kind === 'directory' ? pathOfDirectory(node) : '/';
  const above = pathOfDirectory(parent);
  return above === '/' ? `/${name}` : `${above}/${name}`;
};

const pathOfDirectory = (directory: DirectoryNode): string => {
  const names: string[] = [];
  for (let at = directory; at.parent !== null; at = at.parent) {
    for (const [name, node] of at.parent.entries) if (node === at) names.unshift(name);
  }
  return `/${names.join('/')}`;
};

/** Tells whether `below` is that directory, or lies somewhere in it. */
export const contains = (above: Node, below: DirectoryNode): boolean => {
  for (let at: DirectoryNode | null = below; at !== null; at = at.parent) if (at === above) return true;
  return false;
};
