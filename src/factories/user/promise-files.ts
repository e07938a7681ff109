import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { utf8Text } from '../../domain/text/utf8-text.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PondReader, PondWriter } from '../../tinyfs/tinyfs.js';
import { thrownMessage } from '../thrown-message.js';

/** A function of the filesystem that returns a promise, which rejects with a {@link PondFileError}. */
type Promised<F> = F extends (...args: infer Args) => TaskEither<TinyFsError, infer A>
  ? (...args: Args) => Promise<A>
  : F;

type PromisedAll<T> = { readonly [K in Exclude<keyof T, 'withWorkingDirectory'>]: Promised<T[K]> };

interface TextReading {
  /** A file's content as text. One that is not UTF-8 rejects with an `Error` that names its line: nothing in it is replaced. */
  readonly readText: (path: string) => Promise<string>;
}

/** {@link PondReader} for factories that are written with promises. */
export type PromiseReader = PromisedAll<PondReader> & TextReading;

/** {@link PondWriter} for factories that are written with promises. */
export type PromiseWriter = PromisedAll<PondWriter> & TextReading;

/** Error that a promise of the filesystem rejects with. */
export class PondFileError extends Error {
  override readonly name = 'PondFileError';
  constructor(
    /** The error itself, tagged: `detail._tag` is `PathNotFound`, `IsADirectory` ... */
    readonly detail: TinyFsError,
  ) {
    super(thrownMessage(detail));
  }
}

/** The pond's filesystem, read only, with promises. */
export const promiseReader = (fs: PondReader | PondWriter): PromiseReader => ({
  txnSeq: fs.txnSeq,
  stat: (path) => settled(fs.stat(path)),
  lstat: (path) => settled(fs.lstat(path)),
  exists: (path) => settled(fs.exists(path)),
  list: (path) => settled(fs.list(path)),
  read: (path, options) => settled(fs.read(path, options)),
  readBytes: (path) => settled(fs.readBytes(path)),
  readText: async (path) => textAt(path, await settled(fs.readBytes(path))),
  readLink: (path) => settled(fs.readLink(path)),
  versions: (path) => settled(fs.versions(path)),
  series: (path) => settled(fs.series(path)),
  collectMatches: (pattern) => settled(fs.collectMatches(pattern)),
  eachMatch: (pattern, take) => settled(fs.eachMatch(pattern, take)),
  getDynamicNodeConfig: (path) => settled(fs.getDynamicNodeConfig(path)),
});

/** The filesystem of a write transaction, with promises. */
export const promiseWriter = (fs: PondWriter): PromiseWriter => ({
  ...promiseReader(fs),
  mkdir: (path) => settled(fs.mkdir(path)),
  mkdirAll: (path) => settled(fs.mkdirAll(path)),
  write: (path, content, options) => settled(fs.write(path, content, options)),
  appendToSeries: (path, content, options) => settled(fs.appendToSeries(path, content, options)),
  changeSeries: (path, asked) => settled(fs.changeSeries(path, asked)),
  removeVersion: (path, version) => settled(fs.removeVersion(path, version)),
  symlink: (target, path) => settled(fs.symlink(target, path)),
  rename: (from, to) => settled(fs.rename(from, to)),
  copy: (from, to) => settled(fs.copy(from, to)),
  restore: (path, txnSeq) => settled(fs.restore(path, txnSeq)),
  revert: (txnSeq, options) => settled(fs.revert(txnSeq, options)),
  remove: (path, options) => settled(fs.remove(path, options)),
  createDynamicPath: (path, entryType, factory, config, options) =>
    settled(fs.createDynamicPath(path, entryType, factory, config, options)),
  updateDynamicNodeConfig: (path, config) => settled(fs.updateDynamicNodeConfig(path, config)),
});

const textAt = (path: string, bytes: Uint8Array): string => {
  const text = utf8Text(bytes);
  if (isLeft(text)) {
    throw new Error(
      `${path} is not UTF-8 in line ${text.left.line}: read it with readBytes, and decode it by its encoding`,
    );
  }
  return text.right;
};

const settled = async <A>(task: TaskEither<TinyFsError, A>): Promise<A> => {
  const result = await task();
  if (isLeft(result)) throw new PondFileError(result.left);
  return result.right;
};
