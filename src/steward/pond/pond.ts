import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlTable } from '../../control/control-table.js';
import type { FleetTable, OnChange } from '../../control/fleet-table.js';
import type { AttemptRecords } from '../../control/record-together.js';
import type { FirstLook } from '../../control/records/first-look.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import type { Redact } from '../../domain/secrets/redactor.js';
import type { Registry } from '../../factories/registry/registry.js';
import type { LockFailed } from '../../ports/locks.js';
import type { TLog } from '../../tlogfs/tlog.js';
import type { PondError } from '../errors.js';
import type { TaskOutputs } from '../output/task-outputs.js';
import type { Settings } from '../settings/settings.js';
import type { StewardPorts } from '../steward-ports.js';
import type { Configurations } from '../trust/configurations.js';
import type { PondTrust } from '../trust/pond-trust.js';
import type { CancellationWatch } from './cancellation-watch.js';
import type { PondPlace } from './place/place.js';
import type { RunnerOfProcess } from './runner.js';
import type { ScheduledRun } from './scheduled-run.js';
import type { SharedPond } from './shared-pond.js';

/** An open pond: what all of the steward's work is done with. */
export interface Pond {
  readonly ports: StewardPorts;
  /** Absolute; of a pond in a store: that of its copies here. */
  readonly directory: string;
  /** Name by which people know it: its directory, or its address in a store. */
  readonly address: string;
  /** Facts about its store; null: it lies in its directory. */
  readonly shared: SharedPond | null;
  readonly tlog: TLog;
  readonly control: ControlTable;
  /** Tasks that are taken one by one, on many machines; null: whoever runs tasks takes a commit's. */
  readonly fleet: FleetTable | null;
  /** The lock of its writers. */
  readonly writerLock: WriterLock;
  /** Calls back when another machine has recorded something of a task; null: all who write are on this machine, and change its files. */
  readonly listen: ((onChange: OnChange) => { readonly stop: () => void }) | null;
  /** Attempts that this process begins and ends; those of all its commits share transactions. */
  readonly attempts: AttemptRecords;
  /** Looks whether somebody wants attempts ended that run here: once for all of them. */
  readonly cancellations: CancellationWatch;
  /** This process as a runner; announced when it first has tasks to run. */
  readonly runner: RunnerOfProcess;
  /** Place of the pond. */
  readonly place: PondPlace;
  /** Output of its tasks. */
  readonly outputs: TaskOutputs;
  /** Takes secrets out of what is recorded. */
  readonly redact: Redact;
  /** Configuration in it. */
  readonly configurations: Configurations;
  /** Permission of what is in it to run for this user. */
  readonly trust: PondTrust;
  /**
   * The factories that are known under given settings (null: without any). Modules that cannot be loaded are warned of
   * and left out. `closed`: why those of the settings are not to be loaded.
   */
  readonly registryFor: (
    settings: (Pick<Settings, 'factoryModules'> & Partial<Pick<Settings, 'secretVariables'>>) | null,
    closed?: NotTrusted,
  ) => Task<Registry>;
  /** Runs a scheduled entry as a writer, in a write transaction of its own. */
  readonly runScheduled: (path: string, scheduled: ScheduledRun) => TaskEither<PondError, void>;
  readonly options: {
    readonly cliArgs: readonly string[];
    readonly lockTimeoutMs: number;
    readonly taskWaitMs: number;
    readonly trust: 'approved' | 'all';
    /** Tells whether a write runs its tasks before it returns; null: as the settings say. */
    readonly tasks: 'wait' | 'background' | null;
    /** Tells whether this process's writes ask the gates. */
    readonly asksGates: boolean;
    /** Reason why the post-commit work of this process's writes is not run. */
    readonly suppressed: Suppression | null;
  };
}

/** The lock that makes one writer of many. It ends with the process that holds it, or with its session. */
export interface WriterLock {
  /** Its name in messages: a file, or a database. */
  readonly name: string;
  /** The lock if nobody has it; null: somebody has. Does not wait. `looks`: its holder is to see the control table as it is then. */
  readonly tryAcquire: (looks?: boolean) => TaskEither<PondError, HeldWriterLock | null>;
  /** Tells whether it takes a journey over the network, beside which something else may be done. */
  readonly isElsewhere: boolean;
  /** Tells whether anybody holds it now; never takes it, not even for a moment. */
  readonly isHeld: () => TaskEither<LockFailed, boolean>;
  readonly queue: WriterQueue;
}

/** Order of those who wait for the writer's lock: one is next, the others come by chance. */
export interface WriterQueue {
  /** The place of who is next, if nobody has it; null: somebody has. Does not wait. */
  readonly tryEnter: () => TaskEither<PondError, HeldWriterLock | null>;
  /** Tells whether somebody waits whom this process would overtake: it has had the lock before. */
  readonly othersWait: () => TaskEither<LockFailed, boolean>;
}

/** A held lock. */
export interface HeldWriterLock {
  readonly release: () => Promise<void>;
  /** Tells whether it is held still: a lock in a database is lost with the connection, or given away where its holder is silent. */
  readonly isHeldStill: () => Promise<boolean>;
  /** Counts how often anybody has taken it: where it follows on one's own, nobody had it in between. Null: nobody counts. */
  readonly turn: number | null;
  /** The control table as it was when the lock had been taken; null: its holder asks for itself. */
  readonly seen: FirstLook | null;
}

/** Places in a pond's directory. */
export const layout = (directory: string) => ({
  data: `${directory}/data`,
  control: `${directory}/control`,
  writerLock: `${directory}/control/writer.lock`,
  /** Lock of who gets the writer's lock next. */
  writerQueue: `${directory}/control/writer.queue`,
  /** Note of who holds the writer's lock, where it is not for a write. */
  writerNote: `${directory}/control/writer.holder`,
  /** Lock of whoever takes in what has arrived in watched folders. */
  watchLock: `${directory}/control/watch.lock`,
  /** Temporary files of queries. */
  queries: `${directory}/control/queries`,
  /** Merged series, kept for the next reader. */
  merged: `${directory}/control/merged`,
  /** Results of derived nodes, which may be deleted at any time. */
  derived: `${directory}/control/derived`,
  /** Output of tasks, which may be deleted at any time. */
  output: `${directory}/control/output`,
  /** Checkpoints of host plans. */
  hostPlans: `${directory}/control/host-plans`,
  /** Origin of a replica. */
  replica: `${directory}/control/replica.json`,
  /** Facts that are known about remotes that are pushed to. */
  remotes: `${directory}/control/remotes`,
});
