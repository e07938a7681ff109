import { closeSync, constants, fstatSync, type Stats } from 'node:fs';
import { codeOf, fileSystemError } from './node-file-errors.js';
import { lstatSync, openSync } from './path-bytes.js';

/** Flags that refuse a symlink and the wait for a pipe's other end: both would lead away from the file that was named. */
const SAFELY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Descriptors that whoever started this process has opened: they may be pipes, and cannot be exchanged. */
const OWN_DESCRIPTOR = /^\/dev\/(stdin|fd\/\d+)$/;

/**
 * Opens a regular file for reading, and nothing else. It is looked at before, because opening a device may do
 * something, and after, because it may have been exchanged in between.
 */
export const openRegular = (path: string): number => {
  if (OWN_DESCRIPTOR.test(path)) return openSync(path, constants.O_RDONLY);
  refuseOthers(path, looked(path));
  const file = openSync(path, SAFELY);
  try {
    refuseOthers(path, fstatSync(file));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
};

/** Reports a path that cannot even be looked at as one that could not be opened. */
const looked = (path: string): Stats => {
  try {
    return lstatSync(path);
  } catch (error) {
    const code = codeOf(error);
    throw code === null ? error : fileSystemError('open', path, code);
  }
};

const refuseOthers = (path: string, stats: Stats): void => {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw fileSystemError('read', path, 'EISDIR');
  if (stats.isSymbolicLink()) throw fileSystemError('open', path, 'ELOOP');
  throw fileSystemError('read', path, 'ESPIPE');
};
