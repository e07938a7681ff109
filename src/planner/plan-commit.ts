import { isRight } from 'fp-ts/lib/Either.js';
import { CONFIGURATION_DIRECTORY, SYSTEM_DIRECTORY } from '../domain/paths/configuration-paths.js';
import { isWithin, nameOf, type PondPath } from '../domain/paths/pond-path.js';
import { splitChange } from '../domain/plans/condition.js';
import type { EntryError, Plan, RejectedEntry, SkippedEntry, SkipReason } from '../domain/plans/plan.js';
import { sortedByUtf8 } from '../domain/text/bytes-order.js';
import { pathsOf } from '../domain/tree/change.js';
import { arrangeTasks } from './arranging/arrange-tasks.js';
import { derivedChanges } from './derived-changes.js';
import type { Bystander } from './entries/candidate.js';
import { isLeftOver } from './entries/left-over.js';
import { readEntry } from './entries/read-entry.js';
import { DEFAULT_SCHEDULE } from './entries/schedule.js';
import { type CommitFacts, judgeEntry, type Verdict } from './judge-entry.js';
import type { PlanInput } from './plan-input.js';
import { envelopeKeysBy, NEWEST_RULES, type PlannerRules } from './planner-rules.js';
import { sealPlan } from './seal-plan.js';

/**
 * Plans what has to run for a commit, by the newest rules or by those of an older commit. Pure and total: the same input, in whatever order, gives the same plan, byte
 * for byte; one bad entry never stops the others.
 */
export const planCommit = (input: PlanInput, rules: PlannerRules = NEWEST_RULES): Plan => {
  const entries = sortedByUtf8(input.entries, ({ path }) => path);
  const commit = commitOf(input, rules);
  const known = asKnownBy(rules, input);
  const verdicts = entries.map(
    (entry): Verdict =>
      rules !== 1 && isLeftOver(entry.path)
        ? { _tag: 'Skip', entry, reason: { _tag: 'LeftOver' } }
        : judgeEntry(known, commit, entry, readEntry(entry, envelopeKeysBy(rules))),
  );
  const schedule = isRight(input.schedule) ? input.schedule.right : DEFAULT_SCHEDULE;
  const { tasks, batches, edges, warnings, rejected } = arrangeTasks({
    candidates: verdicts.filter(isCandidate).map(({ candidate }) => candidate),
    bystanders: verdicts.flatMap(bystander),
    schedule,
  });
  return sealPlan({
    batches,
    edges,
    max_concurrency: schedule.maxConcurrency,
    planner_version: rules,
    registry: input.registry,
    rejected: numberRejected(verdicts, rejected, tasks.length),
    schedule: schedule.kind,
    skipped: verdicts.filter(isSkip).map(({ entry, reason }): SkippedEntry => ({ path: entry.path, reason })),
    tasks,
    warnings,
  });
};

/** The plan of a commit whose discovery failed as a whole: that one error as its rejected entry. */
export const planOfFailedDiscovery = (problem: string, rules: PlannerRules = NEWEST_RULES): Plan =>
  sealPlan({
    planner_version: rules,
    tasks: [],
    batches: [],
    edges: [],
    schedule: DEFAULT_SCHEDULE.kind,
    max_concurrency: DEFAULT_SCHEDULE.maxConcurrency,
    warnings: [],
    skipped: [],
    rejected: [
      {
        path: SYSTEM_DIRECTORY,
        execution_seq: 1,
        factory: null,
        errors: [{ _tag: 'DiscoveryFailed', problem }],
      },
    ],
    registry: { factories: {}, config_errors: {} },
  });

const isCandidate = (verdict: Verdict): verdict is Extract<Verdict, { _tag: 'Candidate' }> =>
  verdict._tag === 'Candidate';

const isSkip = (verdict: Verdict): verdict is Extract<Verdict, { _tag: 'Skip' }> => verdict._tag === 'Skip';

/** Meaning of an entry that does not run to those that depend on it. */
const bystander = (verdict: Verdict): readonly Bystander[] => {
  if (verdict._tag === 'Candidate') return [];
  const { path } = verdict.entry;
  if (verdict._tag === 'Reject') return [{ path, name: nameOf(path), fate: 'rejected' }];
  return [
    { path, name: nameOf(path), fate: NO_ENTRIES.includes(verdict.reason._tag) ? 'none' : 'satisfied' },
  ];
};

/** Reasons by which something is not an entry at all. */
const NO_ENTRIES: readonly SkipReason['_tag'][] = ['NotAFactory', 'LeftOver'];

const commitOf = ({ changes, derived = [], registry }: PlanInput, rules: PlannerRules): CommitFacts => ({
  rules,
  configErrors: new Map(Object.entries(registry.config_errors)),
  changes: [...changes, ...(rules === 1 || derived.length === 0 ? [] : derivedChanges(derived, changes))].map(
    splitChange,
  ),
  isConfigurationOnly:
    changes.length > 0 &&
    changes.every((change) => pathsOf(change).every((path) => isWithin(CONFIGURATION_DIRECTORY, path))),
});

/** Input as far as it counts by these rules: by the first, a factory has no default for when its entries run. */
const asKnownBy = (rules: PlannerRules, input: PlanInput): PlanInput =>
  rules === 1
    ? {
        ...input,
        registry: {
          ...input.registry,
          factories: Object.fromEntries(
            Object.entries(input.registry.factories).map(([name, known]) => [
              name,
              known === null ? null : { modes: known.modes },
            ]),
          ),
        },
      }
    : input;

/** Rejected entries in the order of their paths, whether they could not be read or not be ordered. */
const numberRejected = (
  verdicts: readonly Verdict[],
  unordered: ReadonlyMap<PondPath, readonly EntryError[]>,
  taskCount: number,
): readonly RejectedEntry[] =>
  verdicts
    .flatMap((verdict) => {
      const { path } = verdict.entry;
      if (verdict._tag === 'Reject') return [{ path, factory: verdict.factory, errors: verdict.errors }];
      const errors = unordered.get(path);
      return verdict._tag === 'Candidate' && errors !== undefined
        ? [{ path, factory: verdict.factory, errors }]
        : [];
    })
    .map(({ path, factory, errors }, index) => ({
      errors,
      execution_seq: taskCount + index + 1,
      factory,
      path,
    }));
