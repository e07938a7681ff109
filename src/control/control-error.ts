import type { UnsafeFile } from '../ports/file-system.js';
import type { RunnerInfo } from './records/claim.js';

/** Reason why the control table could not be opened, read or extended. */
export type ControlError =
  | UnsafeFile
  /** `control/control.db` is not there; `pond rebuild-control` makes a new one. */
  | { readonly _tag: 'ControlMissing'; readonly path: string }
  /** It is there but damaged, or belongs to another pond, or its schema is not the one that pond makes. */
  | { readonly _tag: 'ControlUnusable'; readonly path: string; readonly problem: string }
  /** It was made or migrated by a newer version of pond. */
  | {
      readonly _tag: 'PondTooNew';
      readonly path: string;
      /** The format that it has, as it stands there, and the newest that this version knows. */
      readonly format: string;
      readonly known: number;
    }
  /** It is there and may not be read by this user. */
  | { readonly _tag: 'ControlUnreadable'; readonly path: string; readonly message: string }
  /** It can be read, and not written: a read-only medium, another user's pond. */
  | { readonly _tag: 'ControlReadOnly'; readonly path: string }
  /** It is of an older version, and cannot be migrated while a process is running tasks. */
  | { readonly _tag: 'ControlInUse'; readonly path: string; readonly runner: RunnerInfo }
  | {
      readonly _tag: 'ControlFailed';
      readonly path: string;
      readonly code: string;
      readonly message: string;
      /** Remedy, where the database's adapter knows something that its code does not say. */
      readonly remedy?: string;
    }
  /** The claim was taken over by another runner meanwhile: the outcome was not recorded. */
  | { readonly _tag: 'StaleToken'; readonly task: string; readonly token: number }
  | { readonly _tag: 'TaskNotFound'; readonly task: string };
