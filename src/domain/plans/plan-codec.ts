import * as t from 'io-ts';
import type { PondPath } from '../paths/pond-path.js';
import { ENTRY_TYPES } from '../tree/node-row.js';
import { ConditionWordsCodec } from './condition.js';
import type {
  EntryError,
  PlanBody,
  PlanEdge,
  PlannedTask,
  PlanWarning,
  RegistryFacts,
  RejectedEntry,
  SkippedEntry,
  SkipReason,
} from './plan.js';
import { RetryPolicyCodec } from './retry-policy.js';

/*
 * Reads a stored plan back. Each codec is said to be one of exactly the type in `plan.ts`: a key or a tag that only one
 * of the two has does not compile.
 */

const PathCodec = new t.Type<PondPath>(
  'PondPath',
  (input): input is PondPath => typeof input === 'string' && input.startsWith('/'),
  (input, context) =>
    typeof input === 'string' && input.startsWith('/')
      ? t.success(input as PondPath)
      : t.failure(input, context, 'expected a path in the pond'),
  t.identity,
);

const ModeCodec = t.union([t.literal('InTransactionWriter'), t.literal('PostCommitReader')]);

const EntryTypeCodec = t.keyof(ENTRY_TYPES);

const KeyErrorCodec = t.readonly(t.type({ key: t.string, message: t.string }));

// Keys are in alphabetical order here and where plans are made: what is written in its canonical order already need
// not be sorted to be hashed.
const RunsUnlessSuccess = t.keyof({ failure: null, change: null, always: null });

const PlannedTaskCodec: t.Type<PlannedTask> = t.readonly(
  t.intersection([
    t.type(
      {
        batch: t.number,
        blocked_by: t.readonlyArray(PathCodec),
        config_path: PathCodec,
        depends_on: t.readonlyArray(t.string),
        execution_seq: t.number,
        factory: t.string,
        name: t.string,
        retry: t.union([RetryPolicyCodec, t.null]),
        stage: t.number,
        timeout_ms: t.union([t.number, t.null]),
      },
      'PlannedTask',
    ),
    t.partial({
      derived: t.literal(true),
      host: t.string,
      if_superseded: t.literal('skip'),
      queue: t.string,
      run_when: RunsUnlessSuccess,
      waits_for: t.literal('all'),
    }),
  ]),
);

const PlanEdgeCodec: t.Type<PlanEdge> = t.readonly(
  t.type(
    { from: t.number, reason: t.union([t.literal('order'), t.literal('depends_on')]), to: t.number },
    'PlanEdge',
  ),
);

const tagged = <T extends string, P extends t.Props>(tag: T, fields: P) =>
  t.readonly(t.type({ _tag: t.literal(tag), ...fields }, tag));

const SkipReasonCodec: t.Type<SkipReason> = t.union([
  tagged('NotAFactory', { entry_type: EntryTypeCodec }),
  tagged('LeftOver', {}),
  tagged('Disabled', {}),
  tagged('PullMode', { factory: t.string }),
  tagged('NotPostCommit', { factory: t.string, modes: t.readonlyArray(ModeCodec) }),
  tagged('ConditionNotMet', { condition: ConditionWordsCodec }),
  tagged('OnlyConfigurationChanged', {}),
  tagged('NotDerived', {}),
  tagged('InChain', {}),
  tagged('ChangedInChain', {}),
  tagged('ChainTooDeep', { depth: t.number }),
  tagged('OnlyFirings', {}),
  tagged('NotOfFiring', {}),
  tagged('Suppressed', {
    by: t.union([
      t.literal('no-post-commit'),
      t.literal('inside-task'),
      t.literal('not-trusted'),
      t.literal('too-many-derived'),
    ]),
  }),
]);

/** Beginning of the problem of a schedule where it is stored; nothing but its codec knows. */
const STORED_SCHEDULE_PROBLEM = 'config.yaml: ';

const InvalidYamlCodec = tagged('InvalidYaml', { problem: t.string });

type InvalidSchedule = Extract<EntryError, { readonly _tag: 'InvalidSchedule' }>;

/** Plans are stored, and their checksums made, as the first version did: as an entry's invalid YAML that names the file. */
const InvalidScheduleCodec = new t.Type<InvalidSchedule, EntryError, unknown>(
  'InvalidSchedule',
  (input): input is InvalidSchedule =>
    t.type({ _tag: t.literal('InvalidSchedule'), problem: t.string }).is(input),
  (input, context) =>
    InvalidYamlCodec.is(input) && input.problem.startsWith(STORED_SCHEDULE_PROBLEM)
      ? t.success({ _tag: 'InvalidSchedule', problem: input.problem.slice(STORED_SCHEDULE_PROBLEM.length) })
      : t.failure(input, context),
  ({ problem }) => ({ _tag: 'InvalidYaml', problem: `${STORED_SCHEDULE_PROBLEM}${problem}` }),
);

const EntryErrorCodec: t.Type<EntryError> = t.union([
  InvalidScheduleCodec,
  tagged('UnknownFactory', { factory: t.string }),
  tagged('FactoryMismatch', { node: t.string, envelope: t.string }),
  InvalidYamlCodec,
  tagged('InvalidKeys', { path: PathCodec, errors: t.readonlyArray(KeyErrorCodec) }),
  tagged('Unreadable', { problem: t.string }),
  tagged('UnknownDependency', { name: t.string }),
  tagged('AmbiguousDependency', { name: t.string, candidates: t.readonlyArray(t.string) }),
  tagged('CyclicDependency', { cycle: t.readonlyArray(t.string) }),
  tagged('GroupContradiction', { dependency: t.string, dependent: t.string }),
  tagged('InSeveralGroups', { groups: t.readonlyArray(t.number) }),
  tagged('NotAGate', { factory: t.string, modes: t.readonlyArray(ModeCodec) }),
  tagged('NotToBeScheduled', { factory: t.string }),
  tagged('DiscoveryFailed', { problem: t.string }),
]);

const SkippedEntryCodec: t.Type<SkippedEntry> = t.readonly(
  t.type({ path: PathCodec, reason: SkipReasonCodec }, 'SkippedEntry'),
);

const RejectedEntryCodec: t.Type<RejectedEntry> = t.readonly(
  t.type(
    {
      path: PathCodec,
      execution_seq: t.number,
      factory: t.union([t.string, t.null]),
      errors: t.readonlyArray(EntryErrorCodec),
    },
    'RejectedEntry',
  ),
);

const PlanWarningCodec: t.Type<PlanWarning> = t.union([
  tagged('UnknownGroupMember', { group: t.number, name: t.string }),
  tagged('AmbiguousGroupMember', { group: t.number, name: t.string, candidates: t.readonlyArray(t.string) }),
]);

const ScheduleCodec = t.keyof({ sequential: null, groups: null, graph: null });

const RegisteredFactoryCodec = t.readonly(
  t.intersection([
    t.type({ modes: t.readonlyArray(ModeCodec) }),
    t.partial({ run_when: RunsUnlessSuccess, derived: t.literal(true), by_configuration: t.literal(true) }),
  ]),
);

/** Replies of the registry as a plan is stored with them. */
export const RegistryFactsCodec: t.Type<RegistryFacts> = t.readonly(
  t.type(
    {
      factories: t.readonly(t.record(t.string, t.union([RegisteredFactoryCodec, t.null]))),
      config_errors: t.readonly(t.record(t.string, t.readonlyArray(KeyErrorCodec))),
    },
    'RegistryFacts',
  ),
);

export const PlanBodyCodec: t.Type<PlanBody, PlanBody> = t.readonly(
  t.type(
    {
      planner_version: t.number,
      tasks: t.readonlyArray(PlannedTaskCodec),
      batches: t.readonlyArray(t.readonlyArray(t.number)),
      edges: t.readonlyArray(PlanEdgeCodec),
      schedule: ScheduleCodec,
      max_concurrency: t.number,
      warnings: t.readonlyArray(PlanWarningCodec),
      skipped: t.readonlyArray(SkippedEntryCodec),
      rejected: t.readonlyArray(RejectedEntryCodec),
      registry: RegistryFactsCodec,
    },
    'Plan',
  ),
);
