import {
  closeSync,
  constants,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { left, mapLeft } from 'fp-ts/lib/Either.js';
import type { AppendLog, AppendLogs } from '../../ports/append-log.js';
import type { FileSystemError } from '../../ports/file-system.js';
import { giveToDirectoryOwner } from './files/given-to-owner.js';
import { canHoldDirectories, holdDirectories } from './files/held-directories.js';
import { attempt, codeOf, failed } from './files/node-file-errors.js';

const FOR_OWNER = 0o600;
const FOR_GROUP = 0o660;
/** The bits of a directory whose owner shares it with its group. */
const SHARED = 0o2020;
const APPEND_EXISTING = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Append-only files by `node:fs`. */
export const nodeAppendLogs: AppendLogs = {
  create: (path) => attempt('open', path, () => logOn(path, created(path))),
  // Neither made nor cut off: a log that is not there any more has been dealt with by somebody else.
  open: (path) => attempt('open', path, () => logOn(path, openSync(path, APPEND_EXISTING))),
};

/** The same for what tasks say: what the superuser makes in a directory of another user is that user's. */
export const nodePondLogs: AppendLogs = {
  ...nodeAppendLogs,
  create: (path) =>
    attempt('open', path, () => {
      const file = created(path);
      giveToDirectoryOwner(file, path);
      return logOn(path, file);
    }),
};

/** The same in ponds in which another user could exchange what is there; paths are real ones. */
export const nodePondLogsOfOthers: AppendLogs = canHoldDirectories()
  ? { create: (path) => reached(nodePondLogs.create, path), open: (path) => reached(nodePondLogs.open, path) }
  : nodePondLogs;

const created = (path: string): number => {
  const file = openSync(path, 'ax', FOR_OWNER);
  if ((lstatSync(`${dirname(path)}/.`).mode & SHARED) === SHARED) fchmodSync(file, FOR_GROUP);
  return file;
};

const reached =
  (use: AppendLogs['open'], path: string): ReturnType<AppendLogs['open']> =>
  () => {
    const directories = holdDirectories();
    try {
      return mapLeft((error: FileSystemError) => ({ ...error, path }))(use(directories.entry(path).place)());
    } catch (error) {
      return left(failed('open', path)(error));
    } finally {
      directories.close();
    }
  };

const logOn = (path: string, file: number): AppendLog => ({
  append: (bytes, durability) =>
    attempt('write', path, () => {
      const before = fstatSync(file).size;
      try {
        let written = 0;
        while (written < bytes.length) written += writeSync(file, bytes, written, bytes.length - written);
        if (durability === 'durable') fdatasyncSync(file);
      } catch (error) {
        takeBack(file, before);
        throw error;
      }
    }),
  close: () => closeSync(file),
});

/** The failure that led here is the one to tell: where even this fails, the disk does nothing any more. */
const takeBack = (file: number, size: number): void => {
  try {
    ftruncateSync(file, size);
    fdatasyncSync(file);
  } catch (error) {
    if (codeOf(error) === null) throw error;
  }
};
