import * as t from 'io-ts';
import { ConditionWordsCodec } from './condition.js';
import { ENTRY_TYPES } from './node-row.js';
import type { PondPath } from './paths/pond-path.js';
import { RetryPolicyCodec } from './retry-policy.js';

/**
 * The plan of a commit as data, each type with the codec that reads it back: plans are stored, hashed and compared.
 * Field names are those of the stored JSON.
 */

const PathCodec = new t.Type<PondPath, string, unknown>(
  'PondPath',
  (input): input is PondPath => typeof input === 'string' && input.startsWith('/'),
  (input, context) =>
    typeof input === 'string' && input.startsWith('/')
      ? t.success(input as PondPath)
      : t.failure(input, context, 'expected a path in the pond'),
  // Not another function that does the same: io-ts then encodes a plan without copying it.
  t.identity as (path: PondPath) => string,
);

const ModeCodec = t.union([t.literal('InTransactionWriter'), t.literal('PostCommitReader')]);

const EntryTypeCodec = t.keyof(
  Object.fromEntries(ENTRY_TYPES.map((type) => [type, null])) as Record<(typeof ENTRY_TYPES)[number], null>,
);

const KeyErrorCodec = t.readonly(t.type({ key: t.string, message: t.string }));

// Keys are in alphabetical order here and where plans are made: what is written in its canonical order already need
// not be sorted to be hashed.
export const PlannedTaskCodec = t.readonly(
  t.type(
    {
      /** Index of its batch, from 0. */
      batch: t.number,
      /** Rejected entries that it depends on: while one of them has not completed, the task is skipped. */
      blocked_by: t.readonlyArray(PathCodec),
      config_path: PathCodec,
      /** Names of the tasks of this plan that must have completed before. */
      depends_on: t.readonlyArray(t.string),
      /** Place in the plan, from 1. */
      execution_seq: t.number,
      factory: t.string,
      /** Name of the entry in `/etc/system.d`. */
      name: t.string,
      /** Null: one attempt. */
      retry: t.union([RetryPolicyCodec, t.null]),
      /** Index of its stage, from 0: it waits until all tasks of the stages before have ended, well or not. */
      stage: t.number,
      /** Milliseconds that an attempt may take; null: as long as it needs. */
      timeout_ms: t.union([t.number, t.null]),
    },
    'PlannedTask',
  ),
);

/** One factory configuration to run for a commit. */
export type PlannedTask = t.TypeOf<typeof PlannedTaskCodec>;

const PlanEdgeCodec = t.readonly(
  t.type(
    { from: t.number, reason: t.union([t.literal('order'), t.literal('depends_on')]), to: t.number },
    'PlanEdge',
  ),
);

/**
 * Why one task waits for another. `order`: only the schedule wants it; a failure does not block. Between two stages
 * of several tasks each there are no order edges, because there would be too many: the tasks' `stage` says it.
 */
export type PlanEdge = t.TypeOf<typeof PlanEdgeCodec>;

const tagged = <T extends string, P extends t.Props>(tag: T, fields: P) =>
  t.readonly(t.type({ _tag: t.literal(tag), ...fields }, tag));

const SkipReasonCodec = t.union([
  /** Not a dynamic node and no YAML file with a top-level `factory:`. */
  tagged('NotAFactory', { entry_type: EntryTypeCodec }),
  tagged('Disabled', {}),
  /** The settings say that commits do not run this factory. */
  tagged('PullMode', { factory: t.string }),
  /** The factory does not run after commits. */
  tagged('NotPostCommit', { factory: t.string, modes: t.readonlyArray(ModeCodec) }),
  /** No change of the commit is one that the entry's condition names. */
  tagged('ConditionNotMet', { condition: ConditionWordsCodec }),
  /** Everything that the commit changed lies under `/etc`. */
  tagged('OnlyConfigurationChanged', {}),
  /** The commit was made with post-commit work suppressed. */
  tagged('Suppressed', { by: t.union([t.literal('no-post-commit'), t.literal('inside-task')]) }),
]);

/** Why an entry is not run for a commit. */
export type SkipReason = t.TypeOf<typeof SkipReasonCodec>;

const EntryErrorCodec = t.union([
  tagged('UnknownFactory', { factory: t.string }),
  /** The envelope's `factory` is not the node's. */
  tagged('FactoryMismatch', { node: t.string, envelope: t.string }),
  tagged('InvalidYaml', { problem: t.string }),
  /** Keys of the envelope, of the factory's configuration, or of `config.yaml`. */
  tagged('InvalidKeys', { path: PathCodec, errors: t.readonlyArray(KeyErrorCodec) }),
  /** A dangling or looping symlink, content that cannot be read, a configuration that is too large. */
  tagged('Unreadable', { problem: t.string }),
  /** `depends_on` names what is no entry. */
  tagged('UnknownDependency', { name: t.string }),
  /** `depends_on` could mean either of several entries. */
  tagged('AmbiguousDependency', { name: t.string, candidates: t.readonlyArray(t.string) }),
  /** The entry waits for itself: names in order, the first one repeated at the end. */
  tagged('CyclicDependency', { cycle: t.readonlyArray(t.string) }),
  /** `depends_on` wants the dependency before the dependent, `parallel_groups` wants it after. */
  tagged('GroupContradiction', { dependency: t.string, dependent: t.string }),
  /** Groups (counted from 0) that name the same entry. */
  tagged('InSeveralGroups', { groups: t.readonlyArray(t.number) }),
  /** `/etc/system.d` as a whole could not be read. */
  tagged('DiscoveryFailed', { problem: t.string }),
]);

/** What is wrong with an entry. */
export type EntryError = t.TypeOf<typeof EntryErrorCodec>;

const SkippedEntryCodec = t.readonly(t.type({ path: PathCodec, reason: SkipReasonCodec }, 'SkippedEntry'));

export type SkippedEntry = t.TypeOf<typeof SkippedEntryCodec>;

const RejectedEntryCodec = t.readonly(
  t.type(
    {
      path: PathCodec,
      /** Place after the plan's tasks, in path order. */
      execution_seq: t.number,
      /** Where it is known. */
      factory: t.union([t.string, t.null]),
      errors: t.readonlyArray(EntryErrorCodec),
    },
    'RejectedEntry',
  ),
);

export type RejectedEntry = t.TypeOf<typeof RejectedEntryCodec>;

const PlanWarningCodec = t.union([
  /** `parallel_groups` names what is no entry. */
  tagged('UnknownGroupMember', { group: t.number, name: t.string }),
  tagged('AmbiguousGroupMember', { group: t.number, name: t.string, candidates: t.readonlyArray(t.string) }),
]);

/** What is odd about a plan and stops nothing. */
export type PlanWarning = t.TypeOf<typeof PlanWarningCodec>;

const ScheduleCodec = t.keyof({ sequential: null, groups: null, graph: null });

/** What orders tasks, beside their dependencies. */
export type ScheduleKind = t.TypeOf<typeof ScheduleCodec>;

const RegisteredFactoryCodec = t.readonly(t.type({ modes: t.readonlyArray(ModeCodec) }));

/** What the registry said of a factory. */
export type RegisteredFactory = t.TypeOf<typeof RegisteredFactoryCodec>;

const RegistryFactsCodec = t.readonly(
  t.type(
    {
      /** By factory name, of the factories that the entries name; null: unknown. */
      factories: t.readonly(t.record(t.string, t.union([RegisteredFactoryCodec, t.null]))),
      /** By the entry's path, where the factory's codec had something to say. */
      config_errors: t.readonly(t.record(t.string, t.readonlyArray(KeyErrorCodec))),
    },
    'RegistryFacts',
  ),
);

/** What the registry said when the plan was made, so that the plan can be computed anew from the pond alone. */
export type RegistryFacts = t.TypeOf<typeof RegistryFactsCodec>;

export const PlanBodyCodec = t.readonly(
  t.type(
    {
      /** Version of the planner that made it: its rules are part of what the checksum covers. */
      planner_version: t.number,
      /** In a topological order: the order of execution with one worker. */
      tasks: t.readonlyArray(PlannedTaskCodec),
      /** Levels of the graph, as `execution_seq`s. */
      batches: t.readonlyArray(t.readonlyArray(t.number)),
      edges: t.readonlyArray(PlanEdgeCodec),
      schedule: ScheduleCodec,
      /** Tasks side by side, at most. */
      max_concurrency: t.number,
      warnings: t.readonlyArray(PlanWarningCodec),
      skipped: t.readonlyArray(SkippedEntryCodec),
      rejected: t.readonlyArray(RejectedEntryCodec),
      registry: RegistryFactsCodec,
    },
    'Plan',
  ),
);

/**
 * What has to run for one commit. It does not say which commit: commits with equal plans share one. Every
 * discovered entry is in exactly one of `tasks`, `skipped`, `rejected`.
 */
export type PlanBody = t.TypeOf<typeof PlanBodyCodec>;

/** A plan with the SHA-256 of its canonical JSON. */
export interface Plan extends PlanBody {
  readonly checksum: string;
}
