import { canonicalJson } from '../domain/documents/canonical-json.js';
import { SCHEDULE_PATH } from '../domain/paths/configuration-paths.js';
import type { EntryError, Plan, PlannedTask, ScheduleKind, SkipReason } from '../domain/plans/plan.js';
import { compareUtf8 } from '../domain/text/bytes-order.js';

/** A plan and the bytes of the configurations that it was made from, by path. */
export interface PlanWithSources {
  readonly plan: Plan;
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/** Part of a plan that is about one entry. */
export type EntryFate =
  | { readonly _tag: 'Absent' }
  | { readonly _tag: 'Runs'; readonly task: PlannedTask }
  | { readonly _tag: 'Skipped'; readonly reason: SkipReason }
  | { readonly _tag: 'Rejected'; readonly errors: readonly EntryError[] };

/** Reason why an entry's fate differs. */
export type DifferenceCause =
  /** The entry's own configuration was added, removed or changed. */
  | 'configuration'
  /** `config.yaml` differs, and so its order, its deadline, or whether it can run. */
  | 'schedule'
  /** The commits changed other paths. */
  | 'condition'
  /** Other entries run beside it, so its place or what it waits for differs. */
  | 'order'
  /** The settings, or what the factories are, differ. */
  | 'factory';

export interface PlanDifference {
  readonly path: string;
  readonly before: EntryFate;
  readonly after: EntryFate;
  readonly causes: readonly DifferenceCause[];
}

/** Differences of two plans, by path. */
export interface PlanDiff {
  readonly schedule: { readonly before: ScheduleWords; readonly after: ScheduleWords } | null;
  readonly differences: readonly PlanDifference[];
}

export interface ScheduleWords {
  readonly kind: ScheduleKind;
  readonly maxConcurrency: number;
}

/** Compares two plans entry by entry. What is the same for both is left out. */
export const diffPlans = (before: PlanWithSources, after: PlanWithSources): PlanDiff => {
  const [fatesBefore, fatesAfter] = [fatesOf(before.plan), fatesOf(after.plan)];
  const paths = [...new Set([...fatesBefore.keys(), ...fatesAfter.keys()])].sort(compareUtf8);
  const schedules = [scheduleOf(before.plan), scheduleOf(after.plan)] as const;
  return {
    schedule:
      JSON.stringify(schedules[0]) === JSON.stringify(schedules[1])
        ? null
        : { before: schedules[0], after: schedules[1] },
    differences: paths.flatMap((path): readonly PlanDifference[] => {
      const fates = { before: fatesBefore.get(path) ?? ABSENT, after: fatesAfter.get(path) ?? ABSENT };
      if (wordsOf(fates.before) === wordsOf(fates.after)) return [];
      return [{ path, ...fates, causes: causesOf(path, before, after, fates) }];
    }),
  };
};

const ABSENT: EntryFate = { _tag: 'Absent' };

const scheduleOf = ({ schedule, max_concurrency }: Plan): ScheduleWords => ({
  kind: schedule,
  maxConcurrency: max_concurrency,
});

const fatesOf = ({ tasks, skipped, rejected }: Plan): ReadonlyMap<string, EntryFate> =>
  new Map<string, EntryFate>([
    ...tasks.map((task) => [task.config_path, { _tag: 'Runs', task }] as const),
    ...skipped.map(({ path, reason }) => [path, { _tag: 'Skipped', reason }] as const),
    ...rejected.map(({ path, errors }) => [path, { _tag: 'Rejected', errors }] as const),
  ]);

/** A fate as far as it matters: the number of a task changes with whatever comes before it. */
const wordsOf = (fate: EntryFate): string => {
  switch (fate._tag) {
    case 'Absent':
      return '';
    case 'Runs': {
      const { execution_seq: _, ...task } = fate.task;
      return canonicalJson(task);
    }
    case 'Skipped':
      return canonicalJson(fate.reason);
    case 'Rejected':
      return canonicalJson(fate.errors);
  }
};

const causesOf = (
  path: string,
  before: PlanWithSources,
  after: PlanWithSources,
  fates: { readonly before: EntryFate; readonly after: EntryFate },
): readonly DifferenceCause[] => {
  const changed = (of: string): boolean => !sameBytes(before.sources.get(of), after.sources.get(of));
  const causes: DifferenceCause[] = [];
  const both = [fates.before, fates.after];
  if (changed(path) || both.some(({ _tag }) => _tag === 'Absent')) causes.push('configuration');
  if (changed(SCHEDULE_PATH)) causes.push('schedule');
  // In the order in which the planner asks: what comes first has made the difference, whatever comes later.
  if (both.some(isOfWholeCommit)) causes.push('condition');
  else if (both.some(isOfFactory)) causes.push(...(changed(path) ? [] : (['factory'] as const)));
  else if (both.some(isOfCondition)) causes.push('condition');
  if (causes.length > 0) return causes;
  return both.every(({ _tag }) => _tag === 'Runs') || both.some(isOfOrder) ? ['order'] : ['factory'];
};

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;

const isSkippedBecause =
  (...tags: readonly SkipReason['_tag'][]) =>
  (fate: EntryFate): boolean =>
    fate._tag === 'Skipped' && tags.includes(fate.reason._tag);

/** Reasons that lie in the commit as a whole. */
const isOfWholeCommit = isSkippedBecause('OnlyConfigurationChanged', 'Suppressed');

/** Reasons that lie in the settings and the factories. */
const isOfFactory = isSkippedBecause('PullMode', 'NotPostCommit');

/** Reasons that lie in the paths that the commit changed. */
const isOfCondition = isSkippedBecause('ConditionNotMet');

/** Reasons that lie in other entries. */
const isOfOrder = (fate: EntryFate): boolean =>
  fate._tag === 'Rejected' &&
  fate.errors.every(({ _tag }) =>
    ['UnknownDependency', 'AmbiguousDependency', 'CyclicDependency', 'GroupContradiction'].includes(_tag),
  );
