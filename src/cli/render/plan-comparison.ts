import type { JsonObject } from '../../domain/documents/json.js';
import { nameOf, type PondPath } from '../../domain/paths/pond-path.js';
import {
  type DifferenceCause,
  diffPlans,
  type EntryFate,
  type PlanDiff,
  type PlanDifference,
} from '../../planner/diff-plans.js';
import { describeEntryError, describeSkip } from '../../steward/describe-plan.js';
import type { CommitPlan, ReplayedCommit } from '../../steward/shapes/call-reports.js';
import type { Paint } from '../words/paint.js';
import { counted, duration, onOneLine } from '../words/print-values.js';

/** Renders how two plans differ, and why. `before` is the one that the other is compared with. */
export const renderDiff = (before: CommitPlan, after: CommitPlan, paint: Paint): readonly string[] => {
  const diff = diffPlans(before, after);
  const title = paint.strong(`From the plan of commit ${before.txnSeq} to that of commit ${after.txnSeq}`);
  const lines = [...scheduleLines(diff), ...diff.differences.flatMap(differenceLines)];
  return [title, '', ...(lines.length === 0 ? ['the same'] : lines)];
};

export const diffDocument = (before: CommitPlan, after: CommitPlan): JsonObject => {
  const { schedule, differences } = diffPlans(before, after);
  return {
    from: { txn_seq: before.txnSeq, checksum: before.plan.checksum },
    to: { txn_seq: after.txnSeq, checksum: after.plan.checksum },
    schedule:
      schedule === null
        ? null
        : {
            before: { schedule: schedule.before.kind, max_concurrency: schedule.before.maxConcurrency },
            after: { schedule: schedule.after.kind, max_concurrency: schedule.after.maxConcurrency },
          },
    differences: differences.map((difference) => ({
      path: difference.path,
      before: fateWords(difference.before, difference.path),
      after: fateWords(difference.after, difference.path),
      because: difference.causes,
    })),
  };
};

const scheduleLines = ({ schedule }: PlanDiff): readonly string[] =>
  schedule === null
    ? []
    : [
        `schedule: ${schedule.before.kind} (at most ${schedule.before.maxConcurrency}) -> ${schedule.after.kind} (at most ${schedule.after.maxConcurrency})`,
      ];

const differenceLines = ({ path, before, after, causes }: PlanDifference): readonly string[] => [
  onOneLine(nameOf(path as PondPath)),
  onOneLine(`  was: ${fateWords(before, path)}`),
  onOneLine(`  now: ${fateWords(after, path)}`),
  `  why: ${causes.map((cause) => CAUSES[cause]).join('; ')}`,
];

const CAUSES: Readonly<Record<DifferenceCause, string>> = {
  configuration: 'its configuration is another one',
  schedule: 'config.yaml is another one',
  condition: 'the commits changed other things',
  order: 'other tasks run beside it',
  factory: 'the settings or the factories are other ones',
};

/** One line with what a plan says of an entry. */
const fateWords = (fate: EntryFate, path: string): string => {
  switch (fate._tag) {
    case 'Absent':
      return 'not there';
    case 'Runs': {
      const { batch, depends_on, blocked_by, timeout_ms, retry } = fate.task;
      return [
        `runs in batch ${batch + 1}`,
        ...(depends_on.length === 0 ? [] : [`depends on ${depends_on.join(', ')}`]),
        ...(blocked_by.length === 0 ? [] : [`skipped because of ${blocked_by.map(nameOf).join(', ')}`]),
        ...(timeout_ms === null ? [] : [`timeout ${duration(timeout_ms)}`]),
        ...(retry === null ? [] : [`${retry.max_attempts} attempts`]),
      ].join('; ');
    }
    case 'Skipped':
      return `skipped: ${describeSkip(fate.reason)}`;
    case 'Rejected':
      return `rejected: ${onOneLine(fate.errors.map((error) => describeEntryError(path, error)).join('\n'))}`;
  }
};

/** Renders what each commit would have set off with new configuration files, and what that changes for other entries. */
export const renderReplay = (
  commits: readonly ReplayedCommit[],
  paths: readonly string[],
  paint: Paint,
): readonly string[] => [
  ...commits.flatMap(({ txnSeq, was, wouldBe }) => [
    `${paint.strong(`commit ${txnSeq}`)}  ${counted(was.changes.length, 'change')}`,
    ...paths.map((path) => {
      const fate = fateIn(wouldBe, path);
      const words = onOneLine(`${nameOf(path as PondPath)}: ${fateWords(fate, path)}`);
      return `  ${fires(fate) ? paint.good(`✓ ${words}`) : paint.faint(`- ${words}`)}`;
    }),
    ...othersOf(was, wouldBe, paths).map(({ path, before, after }) =>
      onOneLine(`  ! ${nameOf(path as PondPath)}: ${fateWords(before, path)} -> ${fateWords(after, path)}`),
    ),
  ]),
  '',
  ...paths.map((path) => {
    const fired = commits.filter(({ wouldBe }) => fires(fateIn(wouldBe, path))).length;
    const name = onOneLine(nameOf(path as PondPath));
    return `${name} would have run after ${fired} of ${counted(commits.length, 'commit')}`;
  }),
];

export const replayDocument = (commits: readonly ReplayedCommit[], paths: readonly string[]): JsonObject => ({
  commits: commits.map(({ txnSeq, was, wouldBe }) => ({
    txn_seq: txnSeq,
    changes: was.changes.length,
    checksum: wouldBe.plan.checksum,
    entries: paths.map((path) => {
      const fate = fateIn(wouldBe, path);
      return { path, would_run: fires(fate), words: fateWords(fate, path) };
    }),
    others: othersOf(was, wouldBe, paths).map(({ path, before, after }) => ({
      path,
      before: fateWords(before, path),
      after: fateWords(after, path),
    })),
  })),
});

const fires = (fate: EntryFate): boolean => fate._tag === 'Runs' && fate.task.blocked_by.length === 0;

const fateIn = ({ plan }: CommitPlan, path: string): EntryFate => {
  const task = plan.tasks.find(({ config_path }) => config_path === path);
  if (task !== undefined) return { _tag: 'Runs', task };
  const skipped = plan.skipped.find((entry) => entry.path === path);
  if (skipped !== undefined) return { _tag: 'Skipped', reason: skipped.reason };
  const rejected = plan.rejected.find((entry) => entry.path === path);
  return rejected === undefined ? { _tag: 'Absent' } : { _tag: 'Rejected', errors: rejected.errors };
};

/** Entries that the new files concern although they are not replaced: not those that only move along. */
const othersOf = (
  was: CommitPlan,
  wouldBe: CommitPlan,
  paths: readonly string[],
): readonly PlanDifference[] =>
  diffPlans(was, wouldBe).differences.filter(
    ({ path, before, after }) =>
      !paths.includes(path) && (before._tag !== after._tag || fires(before) !== fires(after)),
  );
