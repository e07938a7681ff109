import type { KeyError } from '../documents/decode-error.js';
import type { PondPath } from '../paths/pond-path.js';
import type { EntryType } from '../tree/node-row.js';
import type { ConditionWords } from './condition.js';
import type { ExecutionMode } from './execution-mode.js';
import type { RetryPolicy } from './retry-policy.js';
import type { IfSuperseded, RunWhen } from './run-when.js';
import type { Suppression } from './suppression.js';

/*
 * The plan of a commit as data: plans are stored, hashed and compared. Field names are those of the stored JSON;
 * `plan-codec.ts` reads it back. Types that are JSON are aliases: an interface is not JSON for the compiler.
 */

/**
 * One factory configuration to run for a commit. The last six fields exist by rules 2, and only where they say something; each
 * says what holds without it.
 */
export type PlannedTask = {
  /** Index of its batch, from 0. */
  readonly batch: number;
  /** Rejected entries that it depends on: while one of them has not completed, the task is skipped. */
  readonly blocked_by: readonly PondPath[];
  /** Path of the configuration, `/etc/system.d/20-notify.yaml`. */
  readonly config_path: PondPath;
  /** Names of the tasks of this plan that must have completed before. */
  readonly depends_on: readonly string[];
  /** Place in the plan, from 1. */
  readonly execution_seq: number;
  readonly factory: string;
  /** Name of the entry in `/etc/system.d`. */
  readonly name: string;
  /** Null: one attempt. */
  readonly retry: RetryPolicy | null;
  /** Index of its stage, from 0: it waits until all tasks of the stages before have ended, well or not. */
  readonly stage: number;
  /** Milliseconds that an attempt may take; null: as long as it needs. */
  readonly timeout_ms: number | null;
  /** Commits that were made inside tasks set the entry off, too (the entry says `derived: true`). Left out: they do not. */
  readonly derived?: true;
  /** Name of the only machine that it runs on. Left out: any. */
  readonly host?: string;
  /** Fate of an attempt after a later commit's task of the entry has completed. Left out: `run`. */
  readonly if_superseded?: Exclude<IfSuperseded, 'run'>;
  /** Queue that it waits in. Left out: `any`. */
  readonly queue?: string;
  /** Outcomes of what it waits for with which it runs, looked at when an attempt would start. Left out: `success`. */
  readonly run_when?: Exclude<RunWhen, 'success'>;
  /** Waits for all tasks whose `run_when` is `success`, and is told of all rejected entries: its entry names no dependencies. Left out: it waits for what it depends on. */
  readonly waits_for?: 'all';
};

/** Facts that a task says about when it runs, with what holds where it says nothing. */
export interface TaskRules {
  readonly derived: boolean;
  readonly ifSuperseded: IfSuperseded;
  readonly runWhen: RunWhen;
  readonly waitsFor: 'depends_on' | 'all';
}

export const rulesOfTask = ({ derived, if_superseded, run_when, waits_for }: PlannedTask): TaskRules => ({
  derived: derived ?? false,
  ifSuperseded: if_superseded ?? 'run',
  runWhen: run_when ?? 'success',
  waitsFor: waits_for ?? 'depends_on',
});

/**
 * Reason why one task waits for another. `order`: only the schedule wants it; a failure does not block. Between two stages
 * of several tasks each there are no order edges, because there would be too many: the tasks' `stage` says it.
 */
export type PlanEdge = {
  /** The task that comes before, by its `execution_seq`. */
  readonly from: number;
  readonly reason: 'order' | 'depends_on';
  /** The task that waits, by its `execution_seq`. */
  readonly to: number;
};

/** Reason why an entry is not run for a commit. */
export type SkipReason =
  /** The entry is neither a dynamic node nor a YAML file with a top-level `factory:`. */
  | { readonly _tag: 'NotAFactory'; readonly entry_type: EntryType }
  /** Files that an editor leaves beside a file, and those that are hidden, are not entries. */
  | { readonly _tag: 'LeftOver' }
  | { readonly _tag: 'Disabled' }
  /** The settings say that commits do not run this factory. */
  | { readonly _tag: 'PullMode'; readonly factory: string }
  /** The factory does not run after commits. */
  | { readonly _tag: 'NotPostCommit'; readonly factory: string; readonly modes: readonly ExecutionMode[] }
  /** No change of the commit is one that the entry's condition names. */
  | { readonly _tag: 'ConditionNotMet'; readonly condition: ConditionWords }
  /** Everything that the commit changed lies under `/etc`. */
  | { readonly _tag: 'OnlyConfigurationChanged' }
  /** The commit was made inside a task of this pond, and the entry does not say `derived: true`. */
  | { readonly _tag: 'NotDerived' }
  /** The same, and the entry is one of those inside which it was made. */
  | { readonly _tag: 'InChain' }
  /** The same, and a commit of the chain has added, moved or changed the entry. */
  | { readonly _tag: 'ChangedInChain' }
  /** As many links are behind the commit as a chain may have. */
  | { readonly _tag: 'ChainTooDeep'; readonly depth: number }
  /** Everything that the entry depends on is scheduled: it runs for firings only. */
  | { readonly _tag: 'OnlyFirings' }
  /** In the plan of a firing: the entry neither names the schedule nor waits for all. */
  | { readonly _tag: 'NotOfFiring' }
  /** The commit was made with post-commit work suppressed. */
  | { readonly _tag: 'Suppressed'; readonly by: Suppression };

/** Fault of an entry. */
export type EntryError =
  | { readonly _tag: 'UnknownFactory'; readonly factory: string }
  /** The envelope's `factory` is not the node's. */
  | { readonly _tag: 'FactoryMismatch'; readonly node: string; readonly envelope: string }
  | { readonly _tag: 'InvalidYaml'; readonly problem: string }
  /** `/etc/system.d/config.yaml` is not YAML, so nothing can be ordered. */
  | { readonly _tag: 'InvalidSchedule'; readonly problem: string }
  /** Keys of the envelope, of the factory's configuration, or of `config.yaml`. */
  | { readonly _tag: 'InvalidKeys'; readonly path: PondPath; readonly errors: readonly KeyError[] }
  /** A dangling or looping symlink, content that cannot be read, a configuration that is too large. */
  | { readonly _tag: 'Unreadable'; readonly problem: string }
  /** `depends_on` names what is not an entry. */
  | { readonly _tag: 'UnknownDependency'; readonly name: string }
  /** `depends_on` could mean either of several entries. */
  | { readonly _tag: 'AmbiguousDependency'; readonly name: string; readonly candidates: readonly string[] }
  /** The entry waits for itself: names in order, the first one repeated at the end. */
  | { readonly _tag: 'CyclicDependency'; readonly cycle: readonly string[] }
  /** `depends_on` wants the dependency before the dependent, `parallel_groups` wants it after. */
  | { readonly _tag: 'GroupContradiction'; readonly dependency: string; readonly dependent: string }
  /** Groups (counted from 0) that name the same entry. */
  | { readonly _tag: 'InSeveralGroups'; readonly groups: readonly number[] }
  /** The factory of an entry of `/etc/gate.d` does not run inside transactions, so that it cannot refuse one. */
  | { readonly _tag: 'NotAGate'; readonly factory: string; readonly modes: readonly ExecutionMode[] }
  /** The factory of an entry of `/etc/schedule.d` cannot be executed. */
  | { readonly _tag: 'NotToBeScheduled'; readonly factory: string }
  /** `/etc/system.d` as a whole could not be read. */
  | { readonly _tag: 'DiscoveryFailed'; readonly problem: string };

/** An entry that is not run for a commit. */
export type SkippedEntry = {
  readonly path: PondPath;
  readonly reason: SkipReason;
};

/** An entry that cannot be run: its error is recorded as a failed task's. */
export type RejectedEntry = {
  readonly path: PondPath;
  /** Place after the plan's tasks, in path order. */
  readonly execution_seq: number;
  /** Name of its factory; null: it is not known. */
  readonly factory: string | null;
  readonly errors: readonly EntryError[];
};

/** Oddity of a plan that stops nothing. */
export type PlanWarning =
  /** `parallel_groups` names what is not an entry. */
  | { readonly _tag: 'UnknownGroupMember'; readonly group: number; readonly name: string }
  | {
      readonly _tag: 'AmbiguousGroupMember';
      readonly group: number;
      readonly name: string;
      readonly candidates: readonly string[];
    };

/** Schedule that orders tasks, beside their dependencies. */
export type ScheduleKind = 'sequential' | 'groups' | 'graph';

/** Reply of the registry about a factory. */
export type RegisteredFactory = {
  readonly modes: readonly ExecutionMode[];
  /** `run_when` of entries that name dependencies and do not say it; by rules 2, and only where it is not `success`. */
  readonly run_when?: Exclude<RunWhen, 'success'>;
  /** `derived` of entries that do not say it; by rules 2, and only where it is not false. */
  readonly derived?: true;
  /** Tells whether entries without a condition are set off by commits of the configuration, too; by rules 2. */
  readonly by_configuration?: true;
};

/** Replies of the registry when the plan was made, so that the plan can be computed again from the pond alone. */
export type RegistryFacts = {
  /** Facts by factory name, of the factories that the entries name; null: unknown. */
  readonly factories: Readonly<Record<string, RegisteredFactory | null>>;
  /** Errors by the entry's path, where the factory's codec had something to say. */
  readonly config_errors: Readonly<Record<string, readonly KeyError[]>>;
};

/**
 * Work that has to run for one commit. It does not say which commit: commits with equal plans share one. Every
 * discovered entry is in exactly one of `tasks`, `skipped`, `rejected`.
 */
export type PlanBody = {
  /** Version of the planner that made it: its rules are part of what the checksum covers. */
  readonly planner_version: number;
  /** Tasks in a topological order: the order of execution with one worker. */
  readonly tasks: readonly PlannedTask[];
  /** Levels of the graph, as `execution_seq`s. */
  readonly batches: readonly (readonly number[])[];
  readonly edges: readonly PlanEdge[];
  readonly schedule: ScheduleKind;
  /** Tasks side by side, at most. */
  readonly max_concurrency: number;
  readonly warnings: readonly PlanWarning[];
  readonly skipped: readonly SkippedEntry[];
  readonly rejected: readonly RejectedEntry[];
  readonly registry: RegistryFacts;
};

/** A plan with the SHA-256 of its canonical JSON. */
export interface Plan extends PlanBody {
  readonly checksum: string;
}
