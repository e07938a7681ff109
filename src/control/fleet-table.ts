import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from './control-error.js';
import type { BegunAttempt, Claim } from './records/claim.js';
import type { PlanText } from './records/commit-record.js';
import type { ControlRecord } from './records/control-record.js';
import type { FleetCheck } from './records/fleet-check.js';
import type { GoneCommits } from './records/known-commits.js';
import type { ReadyTask, UntakenTask } from './records/untaken-tasks.js';

/**
 * Hears that something of a pond's was recorded, but for beginnings of attempts. `mayBringWork`: others have done something after which a task may be
 * there to take, or this process has made one. `isArrival`: tasks have come to be.
 */
export type OnChange = (mayBringWork: boolean, isArrival: boolean) => void;

/** A worker, as far as that decides which tasks it may take. */
export interface WorkerPlace {
  readonly runnerId: string;
  /** Name of its machine. */
  readonly host: string;
  /** Queues that it takes tasks of. */
  readonly queues: readonly string[];
}

/** A claim on a task whose turn has come. */
export interface ReadyClaim extends Claim {
  /** All that it waits for by name has completed; false: that is to be looked at. */
  readonly needsCompleted: boolean;
  /** Its first attempt, which has begun with the claim, durably; null: it has not begun. */
  readonly begun: BegunAttempt | null;
  /** The version of the table at which its commit was recorded; null where the worker has looked at that before. */
  readonly dataFsVersion: number | null;
}

/**
 * Needs of attempts that begin with their claims: whoever claims has looked at their commits, and runs any task of these as it is planned; or at others
 * that are set up as they are, and looks at these before anything is run.
 */
export interface Beginning {
  readonly commits: readonly CommitToBegin[];
  /** Setups of commits that were looked at. */
  readonly setups: readonly string[];
  /** Identities of their spans, as many as tasks are wanted. */
  readonly spanIds: readonly string[];
}

/** A commit whose tasks may begin with their claims. A span's identity comes between the two parts of a trace context. */
export interface CommitToBegin {
  readonly txnId: string;
  readonly traceStart: string;
  readonly traceEnd: string;
}

/** Nothing begins with its claim. */
export const NOTHING_BEGINS: Beginning = { commits: [], setups: [], spanIds: [] };

/** Order to claim tasks for a worker with the ends of those that it has run, in the same transaction. */
export interface ClaimOrder {
  readonly worker: WorkerPlace;
  /** Tokens of what it holds: where an answer is lost, a claim that is not among them shows that it was made. */
  readonly held: () => readonly number[];
  /** Number of tasks that are wanted once these have ended, too. */
  readonly wanted: (ended: readonly Claim[]) => number;
  /** Microseconds since the epoch. */
  readonly now: () => number;
  /** Attempts that may begin with their claims, of so many tasks. */
  readonly beginning: (wanted: number) => Beginning;
  /** Hears what was claimed, once for each time that it was asked how many are wanted. `isAll`: when that was, nothing else was ready for the worker. */
  readonly deliver: (claims: readonly ReadyClaim[], isAll: boolean) => void;
}

/** Tasks of a pond that many machines share, taken one by one. Each method is one transaction. */
export interface FleetTable {
  /**
   * Puts all that the table knows aside and begins with an empty one, but for that these commits have gone, so that their numbers are not given out again.
   * Returns where the other is now, for people. For whoever holds the writer's lock.
   */
  readonly putAside: (gone: GoneCommits['gone'], noticedAt: number) => TaskEither<ControlError, string>;
  /** Microseconds since the epoch by the database's clock, which is the same for all machines. */
  readonly commonTime: () => TaskEither<ControlError, number>;
  /** Says what a runner takes, for whoever asks who works on the pond. */
  readonly announceWorker: (
    worker: WorkerPlace & { readonly concurrency: number },
  ) => TaskEither<ControlError, void>;
  /** Asks about no task what a worker asks in a hurry later, so that the database has planned these statements by then. Changes nothing. */
  readonly rehearse: (worker: WorkerPlace) => TaskEither<ControlError, void>;
  /**
   * Claims tasks whose turn has come, the oldest first, and of each configuration path one: what each waits for has ended,
   * its time has come, nobody holds a task of its path that goes before it. Those of queues and machines that are not the worker's are
   * left alone, and for a while those that it has refused. `isAnyReady`: somebody has just said so, and it need not be asked first.
   */
  readonly claimReady: (
    worker: WorkerPlace,
    asked: {
      readonly limit: number;
      readonly now: number;
      readonly beginning: Beginning;
      /** Tokens of what it holds. */
      readonly held: readonly number[];
      readonly isAnyReady?: boolean;
    },
  ) => TaskEither<ControlError, readonly ReadyClaim[]>;
  /** Takes an order: from now on tasks are claimed with the ends of others, as it says; null: no longer. */
  readonly claimWithEnds: (order: ClaimOrder | null) => void;
  /** Tells whether there is anything that the worker may take, now or when what others run has ended. */
  readonly hasMore: (worker: WorkerPlace, now: number) => TaskEither<ControlError, boolean>;
  /** The next time, microseconds since the epoch, at which the time of a pending task comes; null: of none. */
  readonly nextBeginning: (now: number) => TaskEither<ControlError, number | null>;
  /** Gives a claim back to others, and says why: this worker cannot run the task, or with `all` none of its commit. */
  readonly refuse: (
    claim: Claim,
    why: { readonly reason: string; readonly all: boolean },
  ) => TaskEither<ControlError, void>;
  /** Frees what runners hold that are dead; returns how many claims that were. */
  readonly sweep: () => TaskEither<ControlError, number>;
  /** Checks whether what is kept of tasks, plans and claims agrees with the records. */
  readonly check: () => TaskEither<ControlError, FleetCheck>;
  /** Number of records that came from who held a task no longer, and were refused. */
  readonly staleRefused: () => TaskEither<ControlError, number>;
  /** Records of some tasks of a commit or firing, and the first record that has a trace. */
  readonly recordsOfTasks: (
    txnId: string,
    executionSeqs: readonly number[],
  ) => TaskEither<ControlError, readonly ControlRecord[]>;
  /** Trace context of a commit or of a firing, and the plan of a commit, by one question; null: there is none. */
  readonly openingOf: (
    txnId: string,
  ) => TaskEither<ControlError, { readonly traceParent: string | null; readonly plan: PlanText | null }>;
  /** Tasks that could begin and that no live worker takes. */
  readonly untaken: (now: number) => TaskEither<ControlError, readonly UntakenTask[]>;
  /** Tasks that could begin, with the reasons of workers that have refused them. */
  readonly refused: (now: number) => TaskEither<ControlError, readonly ReadyTask[]>;
}
