import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import type { Chain } from '../../domain/plans/chain.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import type { Factories } from '../../factories/registry/registry.js';
import type { TraceContext } from '../../ports/telemetry.js';
import type { NoWorkingSpace } from '../../ports/working-spaces.js';
import type { PondReader, PondWriter } from '../../tinyfs/tinyfs.js';

/** Facts that a write is told about itself. */
export interface WriteTransaction {
  /** The number that the commit will have, if it changes anything. */
  readonly txnSeq: number;
  /** The transaction's id, a UUIDv7. */
  readonly txnId: string;
  /** The pond's filesystem with what this transaction has changed. */
  readonly fs: PondWriter;
  /** Factories that are known in the state before the write. Found out when first asked for: few writes need any. */
  readonly factories: Task<Factories>;
  /** Aborts when the transaction is to stop; it fails then. */
  readonly signal: AbortSignal;
  /** Its place in its trace. */
  readonly trace: TraceContext;
}

/** Facts that a read is told about itself. */
export interface ReadTransaction {
  /** The transaction whose state is read. */
  readonly txnSeq: number;
  /** The read's own id, a UUIDv7. */
  readonly txnId: string;
  /** The pond's filesystem as it was after that transaction. */
  readonly fs: PondReader;
  /** Factories that are known here. Found out when first asked for: reading alone needs none. */
  readonly factories: Task<Factories>;
  /** Aborts when the transaction is to stop. */
  readonly signal: AbortSignal;
  /**
   * Gives `use` a private directory for temporary files, under `control/`, or where that may not be written among the
   * system's. It is removed when `use` has ended, or, where the process is killed, by the next command.
   */
  readonly withWorkspace: <E, A>(
    use: (directory: string) => TaskEither<E, A>,
  ) => TaskEither<NoWorkingSpace | E, A>;
}

/** Options of any transaction. */
export interface TransactionOptions {
  /** Words for an error of the body's own, as they are recorded; null: none. Default: its `message`. */
  readonly describe?: (error: unknown) => string | null;
  /** A word for the kind of change, kept with the commit: `copy`, `mkdir` ... Default `write` or `read`. */
  readonly operation?: string;
  /** Aborts what is under way; before the commit point the transaction fails, after it tasks are left for `recover`. */
  readonly signal?: AbortSignal;
}

/** Options of a write. */
export interface WriteTransactionOptions extends TransactionOptions {
  /** False: the gates of `/etc/gate.d` are not asked, which is recorded with the commit. Default: as the pond was opened. */
  readonly gates?: boolean;
  /** `wait`: its tasks are run before it returns; `background`: they are left to a background runner, where one lives. Default: as the pond was opened. */
  readonly tasks?: 'wait' | 'background';
  /** False: the commit lands and nothing is run after it, which is recorded with it. Default: as the pond was opened. */
  readonly postCommit?: boolean;
  /**
   * False: the body cannot be run a second time. Of a pond in a store it is, where somebody committed meanwhile who did not have the
   * writer's lock; without that such a write fails with `Conflict`. Default true.
   */
  readonly repeatable?: boolean;
}

/** Options of a read. */
export interface ReadOptions extends TransactionOptions {
  /** The transaction whose state is read. Default: the newest. */
  readonly at?: number;
}

/** Outcome of a write. */
export type WriteOutcome<A> =
  | {
      readonly _tag: 'Committed';
      readonly value: A;
      /** The commit's number. */
      readonly txnSeq: number;
      readonly txnId: string;
      /** The Delta version of the commit. */
      readonly dataFsVersion: number;
      /** `unknown`: an fsync failed after the commit point; the commit is there but may not survive power loss. */
      readonly durability: 'durable' | 'unknown';
      /** False: the control table could not be written after the commit point; no task ran; `recover` does the rest. */
      readonly recorded: boolean;
      /**
       * False: the control table could not be read or written while the tasks ran, so that `tasks` does not say what
       * became of them; `recover` finds out, and may run again what had no record of its end.
       */
      readonly tasksKnown: boolean;
      /** Post-commit work was suppressed for this reason. */
      readonly suppressed: Suppression | null;
      /** Every task of the commit, rejected entries included, as they are now. */
      readonly tasks: readonly TaskStatus[];
      /** The tasks and runs by hand inside which it was made, the outermost first; empty outside of any. */
      readonly causedBy: Chain;
      /**
       * The task of this pond inside which it was made, `42.1`: its runner runs the tasks of this commit after the plan of
       * commit 42, or `recover` where it has died. Null: they have been run here.
       */
      readonly deferredTo: string | null;
      /**
       * True: a background runner runs its tasks, which are those of `tasks` and were pending when this was asked; `wait`
       * tells how they end.
       */
      readonly inBackground: boolean;
      /** Commits that were made to this pond inside the commit's tasks, and inside the tasks of those, oldest first. */
      readonly derived: readonly DerivedCommit[];
    }
  /** Nothing was changed, so nothing was committed. */
  | {
      readonly _tag: 'Unchanged';
      readonly value: A;
      /** The transaction that this one was based on. */
      readonly txnSeq: number;
      readonly txnId: string;
      readonly dataFsVersion: number;
    };

/** A commit that was made inside a task of its own pond. */
export interface DerivedCommit {
  readonly txnSeq: number;
  readonly causedBy: Chain;
  /** Its tasks as they are now. */
  readonly tasks: readonly TaskStatus[];
}
