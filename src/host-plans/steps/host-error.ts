import { errnoInWords } from '../../domain/errno-in-words.js';
import type { OperationError } from '../../executor/operation.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { NotRemovable } from './removable-tree.js';
import { describeSharedDirectory, type SharedDirectory } from './shared-directory.js';

/** Kind of what is at a path of the host's. */
export type HostEntryKind = 'file' | 'directory' | 'symlink' | 'other';

/** Reason why a host operation cannot be done, was not done, or cannot be undone. */
export type HostOperationError =
  /** Source that is to be read, moved or linked to, and is not there. */
  | { readonly _tag: 'SourceNotFound'; readonly path: string }
  /** File that was written to, or exchanged, while it was copied: the copy may be neither what it was nor what it is. */
  | { readonly _tag: 'SourceChanged'; readonly path: string }
  /** Entry that is to be removed, and is not there. */
  | { readonly _tag: 'TargetNotFound'; readonly path: string }
  /** The directory is not there, and no operation before makes it. */
  | { readonly _tag: 'ParentNotFound'; readonly path: string; readonly parent: string }
  /** Something on the way to the path is not a directory. */
  | { readonly _tag: 'ParentNotADirectory'; readonly path: string; readonly parent: string }
  /** A symlink on the way to the path would lead elsewhere; nothing is done through it. */
  | { readonly _tag: 'SymlinkInPath'; readonly path: string; readonly link: string }
  /** With the links on the way followed, paths of these operations lead to one place, or into each other. */
  | { readonly _tag: 'SamePlace'; readonly path: string; readonly operations: readonly string[] }
  /** Something is where the operation makes something, and the plan does not say that it may be replaced. */
  | { readonly _tag: 'TargetOccupied'; readonly path: string; readonly found: HostEntryKind }
  | {
      readonly _tag: 'WrongKind';
      readonly path: string;
      readonly expected: HostEntryKind;
      readonly found: HostEntryKind;
    }
  | { readonly _tag: 'DirectoryNotEmpty'; readonly path: string }
  | { readonly _tag: 'PermissionDenied'; readonly path: string }
  | SharedDirectory
  | NotRemovable
  /** It is gone from its place for good, but not removed: what is left of it is at `left`. */
  | { readonly _tag: 'NotRemoved'; readonly path: string; readonly left: string; readonly code: string }
  /** No directory on the path's device is left alone by the plan, so what is at the path cannot be kept for undoing. */
  | { readonly _tag: 'NoPlaceToPreserve'; readonly path: string }
  /** Somebody else has put something there, while this was undone. `preserved` is where what was there before is kept. */
  | { readonly _tag: 'Intruded'; readonly path: string; readonly preserved: string | null }
  | { readonly _tag: 'HostCallFailed'; readonly call: string; readonly path: string; readonly code: string }
  /** The operation was told to stop before it was done. */
  | { readonly _tag: 'Stopped' }
  /** The checkpoint cannot be written or read. */
  | { readonly _tag: 'CheckpointFailed'; readonly path: string; readonly problem: string };

/** Returns why a tree cannot be removed as an operation's error. */
export const cannotRemove = (why: NotRemovable | FileSystemError): HostOperationError =>
  why._tag === 'NotRemovable' ? why : callFailed(why);

/** A filesystem's error as an operation's. */
export const callFailed = ({ call, path, code }: FileSystemError): HostOperationError =>
  code === 'EACCES' || code === 'EPERM'
    ? { _tag: 'PermissionDenied', path }
    : { _tag: 'HostCallFailed', call, path, code };

/** The error of a host operation as one sentence without a full stop. */
export const describeHostFailure = (error: OperationError<HostOperationError>): string => {
  switch (error._tag) {
    case 'OperationThrew':
      return error.message;
    case 'TimedOut':
      return 'timed out';
    case 'Cancelled':
      return 'cancelled';
    default:
      return describeHostError(error);
  }
};

/** A host operation's error as one sentence for people, without a full stop. */
export const describeHostError = (error: HostOperationError): string => {
  switch (error._tag) {
    case 'SourceNotFound':
      return `${error.path}: there is nothing to read at that path`;
    case 'SourceChanged':
      return `${error.path} changed while it was copied; run the plan again once nobody writes to it`;
    case 'TargetNotFound':
      return `${error.path}: there is nothing to remove at that path`;
    case 'ParentNotFound':
      return `${error.path}: the directory ${error.parent} is not there, and nothing in the plan makes it`;
    case 'ParentNotADirectory':
      return `${error.path}: ${error.parent} is not a directory`;
    case 'SymlinkInPath':
      return `${error.path}: ${error.link} is a symlink, and nothing is done through a symlink that the plan itself makes or changes, or that came meanwhile; name the real path`;
    case 'SamePlace':
      return `${error.path === '' ? '' : `${error.path}: `}with the symlinks on the way followed, paths of ${error.operations.join(' and ')} lead to one place or into each other; name the real paths`;
    case 'TargetOccupied':
      return error.found === 'other'
        ? `${error.path}: something is there already`
        : `${error.path}: a ${error.found} is there already`;
    case 'WrongKind':
      return `${error.path} is a ${KINDS[error.found]}, not a ${error.expected}`;
    case 'DirectoryNotEmpty':
      return `${error.path}: the directory is not empty`;
    case 'PermissionDenied':
      return `${error.path}: permission denied`;
    case 'SharedDirectory':
      return describeSharedDirectory(error);
    case 'NotRemovable':
      return `${error.path} cannot be removed: ${error.why}`;
    case 'NotRemoved':
      return `${error.path} could not be removed completely (${error.code}): what is left of it is ${error.left}; pond host recover tries again, and once it is removed by hand, --discard forgets it`;
    case 'NoPlaceToPreserve':
      return `${error.path}: there is no directory on its device that the plan leaves alone, so what is there cannot be kept for undoing`;
    case 'Intruded':
      return `${error.path}: somebody else has put something there, which is left alone${
        error.preserved === null ? '' : `; what was there before is kept as ${error.preserved}`
      }`;
    case 'HostCallFailed':
      return error.code === 'ESTALE'
        ? `${error.path}: a directory on the way was exchanged for another one meanwhile`
        : `${error.path}: ${error.call} failed: ${errnoInWords(error.code)}`;
    case 'Stopped':
      return 'stopped before it was done';
    case 'CheckpointFailed':
      return `the checkpoint ${error.path} cannot be used: ${error.problem}`;
  }
};

const KINDS = { file: 'file', directory: 'directory', symlink: 'symlink', other: 'special file' } as const;
