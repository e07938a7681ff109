import type { Elsewhere } from '../../domain/binding.js';
import type { IllegalSequence } from '../records/illegal-sequence.js';

/** Findings in a control table. */
export type ControlFinding =
  | { readonly _tag: 'ControlMissing'; readonly file: string }
  /** The database cannot be opened or read, or is not a control table of this pond. */
  | { readonly _tag: 'ControlUnusable'; readonly file: string; readonly problem: string }
  /** The database may not be read by this user, which says nothing of what is in it. */
  | {
      readonly _tag: 'StorageUnreadable';
      readonly file: string;
      readonly call: string;
      readonly code: string;
    }
  | { readonly _tag: 'RecordUnreadable'; readonly recordId: number | null; readonly problem: string }
  /** Records of a transaction, or of one of its tasks, that cannot follow each other. `task`: `42.1`. */
  | {
      readonly _tag: 'RecordsIllegal';
      readonly txnId: string;
      readonly txnSeq: number | null;
      readonly task: string | null;
      readonly recordId: number;
      readonly recordType: string;
      readonly after: IllegalSequence['after'];
      readonly problem: IllegalSequence['problem'] | 'no-commit' | 'unknown-transaction';
    }
  /** A table that is kept by triggers does not say what the records add up to. */
  | {
      readonly _tag: 'DerivedStateWrong';
      readonly table: 'open_transactions' | 'task_states';
      /** The transaction's id, or the task. */
      readonly of: string;
      readonly recorded: string;
      readonly derived: string;
    }
  /** A stored plan is not the one that its checksum names. */
  | { readonly _tag: 'PlanDamaged'; readonly checksum: string; readonly problem: string }
  /** A commit's plan is not stored. */
  | { readonly _tag: 'PlanMissing'; readonly txnSeq: number; readonly checksum: string }
  /** A claim of a runner, or on a task, that is not there. */
  | {
      readonly _tag: 'ClaimDangling';
      readonly task: string;
      readonly token: number;
      readonly missing: 'runner' | 'task';
      readonly runnerId: string;
    }
  /** Episode that is about a task that is not there. */
  | {
      readonly _tag: 'EpisodeDangling';
      readonly notifier: string;
      readonly watched: string;
      readonly task: string;
    }
  /** A request to end a task that is not there. */
  | { readonly _tag: 'CancellationDangling'; readonly task: string }
  /** Two live runners run tasks of one configuration path. */
  | { readonly _tag: 'PathRunTwice'; readonly path: string; readonly tasks: readonly string[] }
  /** A runner whose process is gone, with what it had claimed. */
  | {
      readonly _tag: 'DeadRunner';
      readonly runnerId: string;
      readonly pid: number;
      readonly command: string;
      readonly claims: number;
    }
  /** A dead runner's row that was not made here by this user: recovery leaves it alone. */
  | {
      readonly _tag: 'RunnerMadeElsewhere';
      readonly runnerId: string;
      readonly pid: number;
      readonly command: string;
      readonly why: Elsewhere;
    }
  /** The lock file of a runner that has ended. */
  | { readonly _tag: 'StaleRunnerLock'; readonly file: string }
  /** A process group that no live runner is responsible for. */
  | { readonly _tag: 'ProcessGroupLeft'; readonly path: string; readonly pgid: number }
  /** A read or write whose process is gone. */
  | {
      readonly _tag: 'TransactionInterrupted';
      readonly txnId: string;
      readonly txnSeq: number;
      readonly transactionType: 'read' | 'write';
    }
  /** A commit whose tasks have ended, and whose end is not recorded. */
  | { readonly _tag: 'CommitNotCompleted'; readonly txnId: string; readonly txnSeq: number }
  /** A task that is pending or started, and that no live runner has claimed. */
  | {
      readonly _tag: 'TaskUnfinished';
      readonly task: string;
      readonly path: string;
      readonly state: 'pending' | 'started';
    };
