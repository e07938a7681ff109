import type { ControlError } from '../control/control-error.js';
import type { Json } from '../domain/documents/json.js';
import type { EntryError } from '../domain/plans/plan.js';
import type { FactoryError } from '../factories/factory.js';
import type { LockFailed } from '../ports/locks.js';
import type { QueryFailed } from '../ports/query-engine.js';
import type { NoWorkingSpace } from '../ports/working-spaces.js';
import type { RemoteFailure } from '../remotes/remote-error.js';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { TLogError } from '../tlogfs/tlog.js';

/** A gate that has refused. */
export interface RefusingGate {
  /** The configuration, `/etc/gate.d/10-weather`. */
  readonly path: string;
  /** Null where it is not known. */
  readonly factory: string | null;
  readonly message: string;
  /** Report that it has left. */
  readonly report: Json | null;
}

/** Everything that can go wrong with a pond, as data: `_tag` says what, the other fields with what. */
export type PondError =
  | TinyFsError
  | TLogError
  | ControlError
  | FactoryError
  | LockFailed
  | NoWorkingSpace
  | QueryFailed
  | RemoteFailure
  /** A replica is written by `pull` only. */
  | {
      readonly _tag: 'IsReplica';
      readonly path: string;
      /** The address that it comes from. */
      readonly origin: string;
      /** It is being made or restored, and that was interrupted. */
      readonly isUnfinished: boolean;
    }
  | { readonly _tag: 'NotAReplica'; readonly path: string }
  /** The settings have a remote of that name that leads elsewhere. */
  | { readonly _tag: 'RemoteExists'; readonly name: string; readonly url: string }
  /** The settings have no remote of that name; null: none at all. */
  | { readonly _tag: 'NoSuchRemote'; readonly name: string | null; readonly known: readonly string[] }
  /** Somebody else is writing, and still was when the lock timeout had passed. */
  | {
      readonly _tag: 'PondLocked';
      readonly path: string;
      /** Milliseconds waited. */
      readonly waitedMs: number;
      /** Holder of the lock, where that is known. */
      readonly holder: { readonly pid: number; readonly command: string } | null;
    }
  /** Gates have refused a transaction, or could not be asked as they are configured: nothing was changed. */
  | { readonly _tag: 'GateRefused'; readonly gates: readonly RefusingGate[] }
  /** Interrupted before the commit point: nothing was changed. */
  | { readonly _tag: 'Interrupted'; readonly call: string }
  /** Something between this machine and a store was interrupted. What has arrived is kept: the same again goes on from there. */
  | { readonly _tag: 'TransferInterrupted'; readonly store: string }
  /** The pond had no commit yet at that time, in microseconds since the epoch. */
  | { readonly _tag: 'NoCommitYet'; readonly timestamp: number }
  /** Two states are compared from the older to the newer. */
  | { readonly _tag: 'WrongOrder'; readonly from: number; readonly to: number }
  /** The body of a write has ended before calls of its filesystem had, `write /a.csv`: it did not await them. Nothing was committed. */
  | { readonly _tag: 'CallsNotAwaited'; readonly calls: readonly string[] }
  /** The pond has been closed by {@link Steward.close}. */
  | { readonly _tag: 'PondClosed'; readonly directory: string; readonly call: string }
  /** The body of a transaction threw instead of returning an error: nothing was changed. */
  | { readonly _tag: 'BodyThrew'; readonly message: string; readonly thrown: unknown }
  /** Inside a task of the same pond it would run the task within itself, or wait for it. */
  | {
      readonly _tag: 'RefusedInsideTask';
      readonly call: 'recover' | 'retry' | 'rebuild-control' | 'run' | 'wait' | 'work';
      /** The task, `42.1`; null for a run by hand of the same entry. */
      readonly task: string | null;
    }
  /** A write that is called by one into the same pond, which holds the lock until this one has ended. */
  | {
      readonly _tag: 'RefusedInsideWrite';
      readonly path: string;
      /** The process that holds the lock: this one, or one of its parents. */
      readonly pid: number;
      readonly command: string;
    }
  /** A task that has completed never runs again; one that is pending or running is `recover`'s. */
  | { readonly _tag: 'NotRetryable'; readonly task: string; readonly state: string }
  /** Only pending and running tasks can be cancelled. */
  | { readonly _tag: 'NotCancellable'; readonly task: string; readonly state: string }
  /** Only failed tasks can be dismissed, and unfinished ones that no live process holds. */
  | {
      readonly _tag: 'NotDismissable';
      readonly task: string;
      readonly state: string;
      /** The process that holds it. */
      readonly pid: number | null;
    }
  /** `/etc/pond.yaml` is not what it should be, or a setting does not exist. */
  | { readonly _tag: 'InvalidSetting'; readonly path: string; readonly key: string; readonly problem: string }
  /** An entry of `/etc/system.d` whose configuration is broken. */
  | { readonly _tag: 'EntryRejected'; readonly path: string; readonly errors: readonly EntryError[] }
  /** `pond run` of something that has no executable factory. */
  | { readonly _tag: 'NotExecutable'; readonly path: string; readonly found: string }
  /** A command or call that makes no sense for a pond in a store. */
  | { readonly _tag: 'NotForSharedPonds'; readonly call: string; readonly reason: string }
  /** A control table that others work with is not put aside: they would end in the middle of what they do, and a copy of a store may name its original's. */
  | {
      readonly _tag: 'TableInUse';
      readonly path: string;
      readonly workers: readonly {
        readonly host: string | null;
        readonly pid: number;
        readonly command: string;
      }[];
    }
  /** Tasks are taken one by one only where a database says which: the pond has its control table in a directory. */
  | { readonly _tag: 'NotAFleet'; readonly path: string }
  /** The store has a pond's log, and nothing that says where its control table is; or what says so cannot be read. */
  | { readonly _tag: 'PondFileUnusable'; readonly path: string; readonly problem: string }
  /** An address at which no control table can be; empty where none was given. */
  | { readonly _tag: 'InvalidControl'; readonly address: string; readonly problem: string }
  /** Somebody committed meanwhile who did not have the lock, and what the body did cannot be done again. Nothing was changed. */
  | { readonly _tag: 'Conflict'; readonly path: string; readonly version: number }
  /** A file of the host's (a source or a target of `copy`) could not be read or written. */
  | { readonly _tag: 'HostFileFailed'; readonly path: string; readonly code: string; readonly call: string };
