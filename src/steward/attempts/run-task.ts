import type { Claim } from '../../control/records/claim.js';
import type { TaskState } from '../../control/records/task-status.js';
import type { Chain } from '../../domain/plans/chain.js';
import type { EntryError, TaskRules } from '../../domain/plans/plan.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import { type NotHere, notHere, type TaskPlace } from '../../domain/plans/task-place.js';
import { bothLoggers, laterLogger, loggerIn, loggerWith } from '../../effects/with-span.js';
import type { Operation } from '../../executor/operation.js';
import { redactingLogger } from '../../factories/registry/redact.js';
import type { ReportKeeper } from '../../factories/report-keeper.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import type { Logger } from '../../ports/logger.js';
import type { Span } from '../../ports/telemetry.js';
import type { Pond } from '../pond/pond.js';

/** A commit for which tasks are run. */
export interface CommitOfTasks {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly dataFsVersion: number;
  /** Tasks and runs by hand inside which it was made. */
  readonly causedBy: Chain;
  /** The incarnation of the pond that made it. */
  readonly incarnation: string | null;
  /** The firing, `PATH@TIME`, for which tasks are run at this commit; left out: they are the commit's own. */
  readonly firing?: string;
}

/** End of a commit. */
export interface CommitEnd {
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  /** Milliseconds that the commit has taken, where this process has made it; null: as long as its records say. */
  readonly durationMs: number | null;
}

/** A task that this process has claimed. */
export interface RunTask extends Operation {
  readonly kind: 'RunTask';
  readonly claim: Claim;
  /** The configuration as it is in transaction `configTxnSeq`. */
  readonly entry: DiscoveredEntry;
  readonly configTxnSeq: number;
  /** The factory that runs it, as the configuration says. */
  readonly factory: string;
  /** Reason why the plan under that configuration has no task for the entry; null where it has. */
  readonly rejection: readonly EntryError[] | null;
  /** Dependencies, as operations, whether this execution runs them or not. */
  readonly dependencies: readonly string[];
  /** Reason why there is nothing to run under that configuration, which was asked for; null: there is. */
  readonly notToBeRun: string | null;
  /** Rules of when it runs, under that configuration. */
  readonly rules: TaskRules;
  /** Place where it may run, under that configuration. */
  readonly place: TaskPlace;
  /** The tasks that it waits for, rejected entries included, by `execution_seq`. */
  readonly waitsFor: readonly number[];
  /** The tasks that look at what becomes of it. */
  readonly watchedBy: readonly number[];
  /** A dependency that this execution does not run and that has not completed. */
  readonly blockedBy: BlockedBy | null;
  /** Tells whether it writes to the pond, in a transaction of its own; only what is scheduled does. */
  readonly writes: boolean;
}

/** Another task of the commit, as it is. */
export interface BlockedBy {
  readonly task: string;
  readonly path: string;
  readonly state: TaskState;
  /** It failed without an attempt, because its entry was rejected. */
  readonly wasRejected: boolean;
}

/** Facts about an attempt that has started. */
export interface StartedAttempt {
  readonly attempt: number;
  readonly supersededBy: number | null;
  /** Outcomes of the tasks that it waited for. */
  readonly outcomes: readonly TaskOutcome[];
  readonly log: Logger;
  readonly reports: ReportKeeper;
}

/** Says why a task is left to another machine; null: it may run on this one, whichever its queue. */
export const elsewhere = ({ ports }: Pond, { place }: Pick<RunTask, 'place'>): NotHere | null =>
  notHere(place, { queues: null, host: ports.host.hostName });

/**
 * The logger of an attempt: what is said through it is logged, and kept with the attempt. Each attempt hands out several, of which
 * few are used.
 */
export const taskLogger = (pond: Pond, { claim, entry }: RunTask, attempt: number, span: Span): Logger =>
  laterLogger(() =>
    bothLoggers(
      loggerWith(loggerIn(pond.ports.logger, span), { task: printTaskId(claim), config_path: entry.path }),
      redactingLogger(pond.outputs.keeping(claim, attempt), pond.redact),
    ),
  );

/** Fields of a log line about a task. */
export const about = ({ claim }: RunTask) => ({ task: printTaskId(claim), config_path: claim.configPath });
