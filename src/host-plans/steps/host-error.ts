import type { FileSystemError } from '../../ports/file-system.js';

/** What is at a path of the host's. */
export type HostEntryKind = 'file' | 'directory' | 'symlink' | 'other';

/** Why a host operation cannot be done, was not done, or cannot be undone. */
export type HostOperationError =
  /** What is to be read, moved or linked to is not there. */
  | { readonly _tag: 'SourceNotFound'; readonly path: string }
  /** What is to be removed is not there. */
  | { readonly _tag: 'TargetNotFound'; readonly path: string }
  /** The directory is not there, and no operation before makes it. */
  | { readonly _tag: 'ParentNotFound'; readonly path: string; readonly parent: string }
  /** Something on the way to the path is no directory. */
  | { readonly _tag: 'ParentNotADirectory'; readonly path: string; readonly parent: string }
  /** A symlink on the way to the path would lead elsewhere; nothing is done through it. */
  | { readonly _tag: 'SymlinkInPath'; readonly path: string; readonly link: string }
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
  /** No directory on the path's device is left alone by the plan, so what is at the path cannot be kept for undoing. */
  | { readonly _tag: 'NoPlaceToPreserve'; readonly path: string }
  /** While undoing: somebody else has put something there. `preserved` is where what was there before is kept. */
  | { readonly _tag: 'Intruded'; readonly path: string; readonly preserved: string | null }
  | { readonly _tag: 'HostCallFailed'; readonly call: string; readonly path: string; readonly code: string }
  /** Told to stop before it was done. */
  | { readonly _tag: 'Stopped' }
  /** The checkpoint cannot be written or read. */
  | { readonly _tag: 'CheckpointFailed'; readonly path: string; readonly problem: string };

/** A filesystem's error as an operation's. */
export const callFailed = ({ call, path, code }: FileSystemError): HostOperationError =>
  code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
    ? { _tag: 'PermissionDenied', path }
    : { _tag: 'HostCallFailed', call, path, code };
