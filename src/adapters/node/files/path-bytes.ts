import { isUtf8 } from 'node:buffer';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { escapedByte, isEscaped, unescapedBytes } from '../../../domain/text/escaped-bytes.js';

/*
 * Names of files are bytes, and need not be UTF-8. Where they are not, the port has each stray byte as half a surrogate
 * pair (see `escaped-bytes.ts`), which is in no name that is UTF-8. These are the calls of `node:fs` that take
 * and return such names.
 */

/** A path as the system is given it. */
const raw = (path: string): string | Buffer => (isEscaped(path) ? unescapedBytes(path) : path);

/** Returns what the system has returned, as a string from which the same bytes can be made again. */
const decoded = (bytes: Buffer): string => {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((count) => isUtf8(bytes.subarray(at, at + count)));
    const isCharacter = length !== undefined && at + length <= bytes.length;
    text += isCharacter ? bytes.toString('utf8', at, at + length) : escapedByte(bytes[at] ?? 0);
    at += isCharacter ? length : 1;
  }
  return text;
};

/** Character that Node puts where a name is not UTF-8. */
const REPLACED = '\ufffd';

export const readdirSync = (path: string): readonly string[] => {
  const names = fs.readdirSync(raw(path));
  return names.some((name) => name.includes(REPLACED))
    ? fs.readdirSync(raw(path), { encoding: 'buffer' }).map(decoded)
    : names;
};

export const readlinkSync = (path: string): string =>
  decoded(fs.readlinkSync(raw(path), { encoding: 'buffer' }));

export const realpathSync = (path: string): string =>
  decoded(fs.realpathSync.native(raw(path), { encoding: 'buffer' }));

export const symlinkSync = (text: string, path: string): void => fs.symlinkSync(raw(text), raw(path));
export const openSync = (path: string, flags: string | number, mode?: number): number =>
  fs.openSync(raw(path), flags, mode);
export const openInBackground = (
  path: string,
  flags: string,
  mode: number,
): Promise<fs.promises.FileHandle> => fs.promises.open(raw(path), flags, mode);
export const accessSync = (path: string, mode: number): void => fs.accessSync(raw(path), mode);
export const linkSync = (from: string, to: string): void => fs.linkSync(raw(from), raw(to));
export const renameSync = (from: string, to: string): void => fs.renameSync(raw(from), raw(to));
export const unlinkSync = (path: string): void => fs.unlinkSync(raw(path));
export const rmdirSync = (path: string): void => fs.rmdirSync(raw(path));
export const chmodSync = (path: string, mode: number): void => fs.chmodSync(raw(path), mode);
export const lchownSync = (path: string, owner: number, group: number): void =>
  fs.lchownSync(raw(path), owner, group);
export const lutimesSync = (path: string, accessed: number, modified: number): void =>
  fs.lutimesSync(raw(path), accessed, modified);
export const mkdirSync = (path: string, mode: number): void => {
  fs.mkdirSync(raw(path), mode);
};
/**
 * Makes a directory and those `above` it with their modes; returns the topmost that it made, null where all were there. Node's own `recursive` never
 * ends, and cannot be interrupted, where no directory can be made below one that is there, such as in `/proc`.
 */
export const mkdirAllSync = (path: string, mode: number, above: number): string | null => {
  const missing = madeOrMissing(path, mode);
  if (missing === null) return null;
  if (missing === MADE) return path;
  const parent = dirname(path);
  if (parent === path) throw missing;
  const topmost = mkdirAllSync(parent, above, above);
  const again = madeOrMissing(path, mode);
  if (again !== null && again !== MADE) throw again;
  return topmost ?? (again === MADE ? path : null);
};

const MADE = Symbol('made');

/** Makes one directory: null where it was there already, the error where there is none that it could be in. */
const madeOrMissing = (path: string, mode: number): typeof MADE | Error | null => {
  try {
    fs.mkdirSync(raw(path), mode);
    return MADE;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (error instanceof Error && code === 'ENOENT') return error;
    if (isDirectory(path, code === 'EEXIST')) return null;
    throw error;
  }
};

/** Tells whether a directory has the path. What keeps from looking is an error of making one; where something `isThere`, a symlink that leads nowhere is. */
const isDirectory = (path: string, isThere: boolean): boolean => {
  try {
    return fs.statSync(raw(path), { throwIfNoEntry: isThere })?.isDirectory() === true;
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { syscall: 'mkdir' }) : error;
  }
};

/** Undefined where there is nothing: an error would cost more than the call. */
export const lstatIfThere = (path: string): fs.Stats | undefined =>
  fs.lstatSync(raw(path), { throwIfNoEntry: false });
export const lstatBigIfThere = (path: string): fs.BigIntStats | undefined =>
  fs.lstatSync(raw(path), { bigint: true, throwIfNoEntry: false });
export const lstatSync = (path: string): fs.Stats => fs.lstatSync(raw(path));
