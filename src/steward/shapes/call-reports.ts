import type { TaskStatus } from '../../control/records/task-status.js';
import type { UntakenTask } from '../../control/records/untaken-tasks.js';
import type { Json } from '../../domain/documents/json.js';
import type { Chain } from '../../domain/plans/chain.js';
import type { Plan } from '../../domain/plans/plan.js';
import type { Change } from '../../domain/tree/change.js';
import type { PondFleet, ScheduleStatus, WatchedFolder } from './background-reports.js';
import type { OutputLine } from './output-line.js';
import type { RemoteLag, ReplicaOrigin } from './remote-reports.js';
import type { DerivedCommit, WriteOutcome } from './transactions.js';
import type { Incomplete } from './upkeep.js';

/** A plan and how it compares with what was recorded at its commit. */
export interface CommitPlan {
  /** The commit's number. */
  readonly txnSeq: number;
  /** The plan as it is computed now. */
  readonly plan: Plan;
  /** The changes that the commit made, sorted by path. */
  readonly changes: readonly Change[];
  /** The checksum in the commit's log entry. */
  readonly recordedChecksum: string;
  /** The bytes of each configuration, `config.yaml` included, by path. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
  /** `now`: what the registry said at the commit is not known (any more). */
  readonly registryAsked: 'now' | 'at-commit';
}

/** A configuration file to be tried: its name is that of the entry in `/etc/system.d`. */
export interface ConfigurationFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Tasks that one commit would have set off under another configuration. */
export interface ReplayedCommit {
  readonly txnSeq: number;
  /** Value as the pond was configured. */
  readonly was: CommitPlan;
  readonly wouldBe: CommitPlan;
}

/** Identity of a pond and where it stands. */
export interface PondStatus {
  /** The id of the pond, which copies of it share. */
  readonly pondId: string;
  /** A word for where it was made: the host's name unless it was given another one. */
  readonly birthplace: string;
  /** Number of the newest commit. */
  readonly lastTxnSeq: number;
  /** The newest Delta version; compaction makes versions without a commit. */
  readonly dataFsVersion: number;
  readonly incomplete: Incomplete;
  /** Remotes that are pushed to, by name. */
  readonly remotes: readonly RemoteLag[];
  /** Origin of a replica; null: the pond is not one. */
  readonly replicaOf: ReplicaOrigin | null;
  /** Schedules, by path. */
  readonly schedules: readonly ScheduleStatus[];
  /** Watched folders, by path. */
  readonly watches: readonly WatchedFolder[];
  /** Tasks that could begin, of a pond whose tasks are shared over machines, that none of its live workers takes, with the reasons. */
  readonly untaken: readonly UntakenTask[];
  /** Processes that run its tasks, and how many tasks have not begun. */
  readonly fleet: PondFleet;
}

/** End of a factory that was run by hand. */
export type RunOutcome =
  | {
      readonly mode: 'PostCommitReader';
      readonly txnSeq: number;
      /** Report of the factory; null: none. */
      readonly report: Json | null;
    }
  | {
      readonly mode: 'InTransactionWriter';
      readonly outcome: WriteOutcome<void>;
      /** Report of the factory; null: none. */
      readonly report: Json | null;
      /** Parts that the factory left undone while the rest stands, in words; empty: none. */
      readonly undone: readonly string[];
    };

/** Options of waiting for the tasks of a commit. */
export interface WaitOptions {
  /** Milliseconds that are waited at most. Default: no end. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Tasks of a commit that was waited for, as they are then. */
export interface WaitedCommit {
  readonly txnSeq: number;
  readonly tasks: readonly TaskStatus[];
  /** Commits that were made inside them, and inside the tasks of those, oldest first. */
  readonly derived: readonly DerivedCommit[];
  /** False: it was waited for as long as it should be, and something has not ended. */
  readonly hasEnded: boolean;
}

/** Output of an attempt of a task. */
export interface TaskOutput {
  /** The task as it is now. */
  readonly task: TaskStatus;
  readonly attempt: number;
  /** Attempts of which something is kept, in their order. */
  readonly attempts: readonly number[];
  /** Lines in their order; of an attempt that said very much without those in the middle. */
  readonly lines: readonly OutputLine[];
}

/** Tasks and runs by hand inside which some code runs. */
export interface Surroundings {
  /** Tasks and runs by hand, of whatever pond, the outermost first; empty outside of any. */
  readonly chain: Chain;
  /** The transaction of this pond whose state the innermost of it sees; null where there is none, or more than one. */
  readonly txnSeq: number | null;
}

/** All tasks of a commit or one of them; or of a firing, `PATH@TIME`, of which the scheduled entry itself is at place 0. */
export type TasksAsked =
  | { readonly txnSeq: number; readonly executionSeq?: number }
  | { readonly firing: string; readonly place?: number };

/** One setting of `/etc/pond.yaml`. */
export interface Setting {
  /** Dotted, `factory_modes.command`. */
  readonly key: string;
  /** Value as YAML writes it on one line. */
  readonly value: string;
  /** Tells whether the file does not say it. */
  readonly isDefault: boolean;
}
