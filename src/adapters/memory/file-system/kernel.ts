import type { FileSystemError } from '../../../ports/file-system.js';
import type { Disk, Node } from './nodes.js';

/*
 * The system calls of the memory filesystem, in this file and its neighbours: what Linux does, in the order in which
 * it checks. Failures are thrown as FileSystemErrors; the port makes values of them.
 */

/** A disk as one process sees it. */
export interface Kernel {
  readonly disk: Disk;
  /** Root may read and write everything; anyone else here owns everything, and is held to the owner's bits. */
  readonly isRoot: boolean;
  readonly umask: number;
  /** Microseconds since the epoch. */
  readonly now: () => number;
  /** Is told of every system call before it takes effect; an errno name fails it. */
  readonly onCall: (name: string, paths: readonly string[]) => string | null;
}

/** A system call that is going on. */
export interface Call {
  readonly name: string;
  /** The path that errors name. */
  readonly path: string;
}

/** Begins a system call, unless it is made to fail. */
export const begin = (kernel: Kernel, call: Call, paths: readonly string[] = [call.path]): Call => {
  const code = kernel.onCall(call.name, paths);
  return code === null ? call : refuse(call, code);
};

export const refuse = ({ name, path }: Call, code: string): never => {
  throw { _tag: 'FileSystemError', call: name, path, code } satisfies FileSystemError;
};

export const isFileSystemError = (error: unknown): error is FileSystemError =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'FileSystemError';

/** Bits of the owner's. Of these three the permission bits are made. */
export const READ = 0o400;
export const WRITE = 0o200;
export const SEARCH = 0o100;

/** Tells whether the process may do that with the node. Root cannot execute what nobody can; a directory it can always search. */
export const allows = (kernel: Kernel, node: Node, wanted: number): boolean => {
  const { mode } = node.attributes;
  if (!kernel.isRoot) return (mode & wanted) === wanted;
  return (wanted & SEARCH) === 0 || node.kind === 'directory' || (mode & 0o111) !== 0;
};

export const demand = (kernel: Kernel, call: Call, node: Node, wanted: number): void => {
  if (!allows(kernel, node, wanted)) refuse(call, 'EACCES');
};
