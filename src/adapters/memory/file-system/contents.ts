import type { AccessRight, EntryStat } from '../../../ports/file-system.js';
import { makeDurable } from './changes.js';
import { allows, begin, demand, type Kernel, READ, refuse, SEARCH, WRITE } from './kernel.js';
import type { DirectoryNode, FileNode, Node } from './nodes.js';
import { existing, locate, pathOf } from './paths.js';

/** `open` for reading; a symlink that is not to be followed is `ELOOP`. */
export const open = (kernel: Kernel, path: string, how: { follow: boolean }): FileNode | DirectoryNode => {
  const call = begin(kernel, { name: 'open', path });
  const node = existing(kernel, call, path, how);
  if (node.kind === 'symlink') return refuse(call, 'ELOOP');
  demand(kernel, call, node, READ);
  return node;
};

/** `open` of a regular file for reading: what it is, is looked at before who may read it. */
export const openRegular = (kernel: Kernel, path: string): FileNode => {
  const call = begin(kernel, { name: 'open', path });
  const node = existing(kernel, call, path, { follow: false });
  if (node.kind === 'directory') return refuse({ name: 'read', path }, 'EISDIR');
  if (node.kind === 'symlink') return refuse(call, 'ELOOP');
  demand(kernel, call, node, READ);
  return node;
};

/** `open` of a directory, and of nothing else. */
export const openDirectory = (kernel: Kernel, path: string): DirectoryNode => {
  const call = begin(kernel, { name: 'open', path });
  const node = existing(kernel, call, path, { follow: true });
  if (node.kind !== 'directory') return refuse(call, 'ENOTDIR');
  demand(kernel, call, node, READ);
  return node;
};

/** A copy of the bytes from `offset` on, at most `length`. The file may have lost its name since it was opened. */
export const read = (
  kernel: Kernel,
  path: string,
  node: FileNode | DirectoryNode,
  { offset, length }: { offset: number; length: number },
): Uint8Array => {
  const call = begin(kernel, { name: 'read', path });
  if (node.kind === 'directory') return refuse(call, 'EISDIR');
  return node.bytes.slice(offset, Math.min(node.size, offset + length));
};

/** Writes at the end of the file. */
export const append = (kernel: Kernel, path: string, file: FileNode, content: Uint8Array): void => {
  begin(kernel, { name: 'write', path });
  const size = file.size + content.length;
  if (size > file.bytes.length) {
    const grown = new Uint8Array(Math.max(size, 2 * file.size));
    grown.set(file.bytes.subarray(0, file.size));
    file.bytes = grown;
  }
  file.bytes.set(content, file.size);
  file.size = size;
  file.attributes = { ...file.attributes, modifiedAt: kernel.now() };
};

/**
 * Cuts off the end of a file. What was never durable of it is so no more; a power loss that would bring it back is one
 * that came before.
 */
export const truncate = (kernel: Kernel, path: string, file: FileNode, size: number): void => {
  begin(kernel, { name: 'ftruncate', path });
  // In a copy: whoever reads the file has the bytes that were there.
  file.bytes = file.bytes.slice(0, size);
  file.size = size;
  file.syncedSize = Math.min(file.syncedSize, size);
  file.attributes = { ...file.attributes, modifiedAt: kernel.now() };
};

export const fsync = (kernel: Kernel, path: string, node: FileNode | DirectoryNode): void => {
  begin(kernel, { name: 'fsync', path });
  makeDurable(kernel.disk, node);
};

export const fchmod = (kernel: Kernel, path: string, node: FileNode | DirectoryNode, mode: number): void => {
  begin(kernel, { name: 'fchmod', path });
  node.attributes = { ...node.attributes, mode: mode & 0o7777 };
};

/** Sets the time by path, for a node that its owner may not open. */
export const chmod = (kernel: Kernel, path: string, mode: number): void => {
  const call = begin(kernel, { name: 'chmod', path });
  const node = existing(kernel, call, path, { follow: true });
  node.attributes = { ...node.attributes, mode: mode & 0o7777 };
};

export const lutime = (kernel: Kernel, path: string, modifiedAt: number): void => {
  const call = begin(kernel, { name: 'lutime', path });
  const node = existing(kernel, call, path, { follow: false });
  node.attributes = { ...node.attributes, modifiedAt };
};

export const lstat = (kernel: Kernel, path: string): EntryStat => {
  const call = begin(kernel, { name: 'lstat', path });
  return entryStat(existing(kernel, call, path, { follow: false }));
};

/** Tells whether the path leads to a directory. */
export const isDirectory = (kernel: Kernel, path: string): boolean => {
  const call = begin(kernel, { name: 'stat', path });
  return existing(kernel, call, path, { follow: true }).kind === 'directory';
};

export const readlink = (kernel: Kernel, path: string): string => {
  const call = begin(kernel, { name: 'readlink', path });
  const node = existing(kernel, call, path, { follow: false });
  return node.kind === 'symlink' ? node.target : refuse(call, 'EINVAL');
};

export const scandir = (kernel: Kernel, path: string): readonly string[] => {
  const call = begin(kernel, { name: 'scandir', path });
  const node = existing(kernel, call, path, { follow: true });
  if (node.kind !== 'directory') return refuse(call, 'ENOTDIR');
  demand(kernel, call, node, READ);
  return [...node.entries.keys()];
};

export const realpath = (kernel: Kernel, path: string): string => {
  const call = begin(kernel, { name: 'realpath', path });
  const place = locate(kernel, call, path, { follow: true });
  return place.node === null ? refuse(call, 'ENOENT') : pathOf(place);
};

/** Paths of the directories on which another device begins, the root left out. */
export const mountPoints = (kernel: Kernel): readonly string[] => {
  const found: string[] = [];
  const visit = (directory: DirectoryNode, path: string): void => {
    for (const [name, node] of directory.entries) {
      if (node.kind !== 'directory') continue;
      if (node.isMountPoint) found.push(`${path}/${name}`);
      visit(node, `${path}/${name}`);
    }
  };
  visit(kernel.disk.root, '');
  return found;
};

const BITS: Readonly<Record<AccessRight, number>> = { read: READ, write: WRITE, search: SEARCH };

export const access = (kernel: Kernel, path: string, rights: readonly AccessRight[]): void => {
  const call = begin(kernel, { name: 'access', path });
  const node = existing(kernel, call, path, { follow: true });
  if (!rights.every((right) => allows(kernel, node, BITS[right]))) refuse(call, 'EACCES');
};

const entryStat = (node: Node): EntryStat => ({
  kind: node.kind,
  size: sizeOf(node),
  mode: node.attributes.mode,
  modifiedAt: node.attributes.modifiedAt,
  device: node.device,
  inode: node.inode,
  links: node.kind === 'directory' ? 2 + directoriesIn(node) : node.links,
  // There is one user, who may do what the permission bits say.
  owner: 0,
  group: 0,
});

const sizeOf = (node: Node): number => {
  if (node.kind === 'file') return node.size;
  return node.kind === 'symlink' ? Buffer.byteLength(node.target) : 0;
};

const directoriesIn = (directory: DirectoryNode): number =>
  [...directory.entries.values()].filter(({ kind }) => kind === 'directory').length;
