import type { TinyFsError } from './errors.js';
import type { PersistenceError } from './persistence.js';

/** The errors that a stream may throw while it is iterated. The record makes the compiler count them. */
const PERSISTENCE_TAGS: Readonly<Record<PersistenceError['_tag'], true>> = {
  CorruptData: true,
  UnsupportedData: true,
  ContentForgotten: true,
  StorageFailed: true,
  UnsafeFile: true,
};

const TINYFS_TAGS: Readonly<Record<TinyFsError['_tag'], true>> = {
  ...PERSISTENCE_TAGS,
  InvalidPath: true,
  InvalidArgument: true,
  PathNotFound: true,
  PathExists: true,
  NotADirectory: true,
  IsADirectory: true,
  DirectoryNotEmpty: true,
  SymlinkLoop: true,
  WrongEntryType: true,
  TransactionEnded: true,
  InvalidEventTimes: true,
  NotDynamic: true,
  ReadOnlyPath: true,
  RootRefused: true,
  MoveIntoItself: true,
  VersionNotFound: true,
  ConfigTooLarge: true,
  InvalidPattern: true,
  UnknownFactory: true,
  NotTrusted: true,
  DynamicNodeFailed: true,
  CyclicContent: true,
  TransactionNotFound: true,
  ChangedSince: true,
  SchemaConflict: true,
  NotParquet: true,
  NotASeries: true,
  SeriesUnreadable: true,
};

const hasTagOf = (thrown: unknown, tags: Readonly<Record<string, true>>): boolean =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  typeof thrown._tag === 'string' &&
  Object.hasOwn(tags, thrown._tag);

/** Tells whether something that was thrown is an error of TinyFS, and not a defect. */
export const isTinyFsError = (thrown: unknown): thrown is TinyFsError => hasTagOf(thrown, TINYFS_TAGS);

/** Tells whether something that was thrown is an error of a persistence. */
export const isPersistenceError = (thrown: unknown): thrown is PersistenceError =>
  hasTagOf(thrown, PERSISTENCE_TAGS);

/** An error that the host's own streams throw: it has an errno name. */
const isHostError = (thrown: unknown): thrown is Error & { readonly code: string } =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string';

/** Returns what a stream threw, as an error of TinyFS. A defect is thrown again. */
export const errorThrownBy = (thrown: unknown, path: string): TinyFsError => {
  if (isTinyFsError(thrown)) return thrown;
  if (isHostError(thrown)) return { _tag: 'StorageFailed', path, code: thrown.code, call: 'read' };
  throw thrown;
};
