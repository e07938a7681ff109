import type { AppendLog, AppendLogs } from '../../../ports/append-log.js';
import * as contents from './contents.js';
import { create } from './entries.js';
import { begin, demand, isFileSystemError, type Kernel, refuse, WRITE } from './kernel.js';
import type { FileNode } from './nodes.js';
import { existing } from './paths.js';
import { attempt } from './port.js';

const FOR_OWNER = 0o600;

/** Append-only files by the system calls of a kernel, the same as the node adapter makes. */
export const memoryAppendLogs = (kernel: Kernel): AppendLogs => ({
  create: (path) => attempt(() => logOn(kernel, path, create(kernel, path, FOR_OWNER))),
  open: (path) => attempt(() => logOn(kernel, path, openToAppend(kernel, path))),
});

const openToAppend = (kernel: Kernel, path: string): FileNode => {
  const call = begin(kernel, { name: 'open', path });
  const node = existing(kernel, call, path, { follow: true });
  if (node.kind !== 'file') return refuse(call, node.kind === 'directory' ? 'EISDIR' : 'ELOOP');
  demand(kernel, call, node, WRITE);
  return node;
};

const logOn = (kernel: Kernel, path: string, file: FileNode): AppendLog => ({
  append: (bytes, durability) =>
    attempt(() => {
      const before = file.size;
      try {
        contents.append(kernel, path, file, bytes);
        if (durability === 'durable') contents.fsync(kernel, path, file);
      } catch (error) {
        // Without power nothing is taken back.
        if (isFileSystemError(error)) takeBack(kernel, path, file, before);
        throw error;
      }
    }),
  close: () => undefined,
});

const takeBack = (kernel: Kernel, path: string, file: FileNode, size: number): void => {
  try {
    contents.truncate(kernel, path, file, size);
    contents.fsync(kernel, path, file);
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
  }
};
