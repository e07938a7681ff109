import { change } from './changes.js';
import { begin, type Call, demand, type Kernel, refuse, SEARCH, WRITE } from './kernel.js';
import {
  type DirectoryNode,
  type FileNode,
  type Node,
  newDirectory,
  newFile,
  newSymlink,
  type SymlinkNode,
} from './nodes.js';
import { existing, locate, type Place } from './paths.js';

/** Linux refuses a longer text, bytes. */
const LONGEST_TARGET = 4095;
const SET_GROUP = 0o2000;

/** `open` with `O_CREAT | O_EXCL`: the file is there before its first byte is. */
export const create = (kernel: Kernel, path: string, mode: number): FileNode => {
  const call = begin(kernel, { name: 'open', path });
  const { parent, name } = vacant(kernel, call, path);
  const file = newFile(kernel.disk, parent.device, fresh(kernel, mode & 0o7777 & ~kernel.umask));
  enter(kernel, call, { directory: parent, name, node: file });
  return file;
};

export const mkdir = (kernel: Kernel, path: string, mode: number): void => {
  const call = begin(kernel, { name: 'mkdir', path });
  const { parent, name } = vacant(kernel, call, path);
  const bits = (mode & 0o1777 & ~kernel.umask) | (parent.attributes.mode & SET_GROUP);
  const node = newDirectory(kernel.disk, parent, fresh(kernel, bits));
  enter(kernel, call, { directory: parent, name, node });
};

export const symlink = (kernel: Kernel, target: string, path: string): void => {
  const call = begin(kernel, { name: 'symlink', path });
  if (target === '') refuse(call, 'ENOENT');
  if (Buffer.byteLength(target) > LONGEST_TARGET) refuse(call, 'ENAMETOOLONG');
  const { parent, name } = vacant(kernel, call, path);
  const node = newSymlink(kernel.disk, parent.device, { ...fresh(kernel, 0o777), target });
  enter(kernel, call, { directory: parent, name, node });
};

/** There is one user, to whom everything belongs. */
export const lchown = (kernel: Kernel, path: string): void => {
  const call = begin(kernel, { name: 'lchown', path });
  existing(kernel, call, path, { follow: false });
};

/** A symlink gets a second name itself; a directory cannot have one. */
export const link = (kernel: Kernel, from: string, to: string): void => {
  const call = begin(kernel, { name: 'link', path: to }, [from, to]);
  const node = existing(kernel, call, from, { follow: false });
  const { parent, name, node: taken } = locate(kernel, call, to, { follow: false });
  if (taken !== null) refuse(call, 'EEXIST');
  if (node.device !== parent.device) refuse(call, 'EXDEV');
  demand(kernel, call, parent, WRITE | SEARCH);
  if (node.kind === 'directory') refuse(call, 'EPERM');
  else node.links += 1;
  enter(kernel, call, { directory: parent, name, node });
};

/** Descriptors that have the file open keep it. */
export const unlink = (kernel: Kernel, path: string): void => {
  const call = begin(kernel, { name: 'unlink', path });
  const { parent, name, node } = locate(kernel, call, path, { follow: false });
  if (name === '') refuse(call, 'EISDIR');
  removable(kernel, call, { parent, name, node }, { directory: false });
  release(node);
  enter(kernel, call, { directory: parent, name, node: null });
};

export const rmdir = (kernel: Kernel, path: string): void => {
  const call = begin(kernel, { name: 'rmdir', path });
  const place = locate(kernel, call, path, { follow: false });
  if (place.name === '') refuse(call, 'EBUSY');
  const node = removable(kernel, call, place, { directory: true });
  if (isMountPoint(node)) refuse(call, 'EBUSY');
  if (!isEmpty(node)) refuse(call, 'ENOTEMPTY');
  enter(kernel, call, { directory: place.parent, name: place.name, node: null });
};

/** Checks what the kernel checks before a name is taken away from a directory, or from another kind. */
export const removable = (kernel: Kernel, call: Call, place: Place, wanted: { directory: boolean }): Node => {
  const node = place.node ?? refuse(call, 'ENOENT');
  demand(kernel, call, place.parent, WRITE | SEARCH);
  if (wanted.directory && node.kind !== 'directory') refuse(call, 'ENOTDIR');
  if (!wanted.directory && node.kind === 'directory') refuse(call, 'EISDIR');
  return node;
};

export const isEmpty = (node: Node): boolean => node.kind !== 'directory' || node.entries.size === 0;

export const isMountPoint = (node: Node): boolean => node.kind === 'directory' && node.isMountPoint;

/** One of the node's names goes. */
export const release = (node: FileNode | SymlinkNode | DirectoryNode | null): void => {
  if (node !== null && node.kind !== 'directory') node.links -= 1;
};

/** A free place in which the process may make something. That it is taken weighs more than that it is forbidden. */
const vacant = (kernel: Kernel, call: Call, path: string): Place => {
  const place = locate(kernel, call, path, { follow: false });
  if (place.node !== null) refuse(call, 'EEXIST');
  demand(kernel, call, place.parent, WRITE | SEARCH);
  return place;
};

const fresh = (kernel: Kernel, mode: number) => ({ mode, modifiedAt: kernel.now() });

const enter = (
  kernel: Kernel,
  call: Call,
  edit: { readonly directory: DirectoryNode; readonly name: string; readonly node: Node | null },
): void => {
  change(kernel.disk, { call: call.name, path: call.path, edits: [edit] }, kernel.now());
};
