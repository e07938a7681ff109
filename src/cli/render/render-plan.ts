import { nameOf } from '../../domain/paths/pond-path.js';
import type { Plan, PlannedTask, RejectedEntry } from '../../domain/plans/plan.js';
import type { Change } from '../../domain/tree/change.js';
import { describeSkip, describeWarning } from '../../steward/describe-plan.js';
import { locateError } from '../../steward/planning/locate-error.js';
import type { CommitPlan } from '../../steward/shapes/call-reports.js';
import type { Paint } from '../words/paint.js';
import { counted, duration, onOneLine } from '../words/print-values.js';
import { renderColumns } from '../words/render-columns.js';

/**
 * The plan of a commit as text: what changed; what runs, batch by batch, and what each task waits for; what is
 * skipped or rejected and why.
 */
export const renderPlan = (
  { txnSeq, plan, changes, recordedChecksum, sources }: CommitPlan,
  paint: Paint,
): readonly string[] => [
  `${paint.strong(`Plan of commit ${txnSeq}`)}  ${plan.checksum}`,
  ...(recordedChecksum === plan.checksum
    ? []
    : [`differs from the plan that was made at the commit, ${recordedChecksum}`]),
  ...section(
    counted(changes.length, 'change'),
    renderColumns(changes.map((change) => changeCells(change).map(onOneLine))),
    paint,
  ),
  ...section(
    `${counted(plan.tasks.length, 'task')} in ${counted(plan.batches.length, 'batch', 'batches')}, ${scheduleWords(plan)}`,
    batchTree(plan),
    paint,
  ),
  ...section(
    `${plan.skipped.length} skipped`,
    renderColumns(
      plan.skipped.map(({ path, reason }) => [nameOf(path), describeSkip(reason)].map(onOneLine)),
    ),
    paint,
  ),
  ...section(
    `${plan.rejected.length} rejected`,
    plan.rejected.flatMap((entry) => rejectionLines(entry, sources).map(paint.bad)),
    paint,
  ),
  ...section(
    counted(plan.warnings.length, 'warning'),
    plan.warnings.map((warning) => onOneLine(describeWarning(warning))),
    paint,
  ),
];

/** Renders what is wrong with a rejected entry, a line for each error, with file, line and key; where another file is to blame, with both. */
const rejectionLines = (
  { path, errors }: Pick<RejectedEntry, 'path' | 'errors'>,
  sources: CommitPlan['sources'],
): readonly string[] =>
  errors.flatMap((error) =>
    locateError(path, error, sources).map(({ file, message }) =>
      onOneLine(file === path ? message : `${path}: ${message}`),
    ),
  );

const section = (title: string, lines: readonly string[], paint: Paint): readonly string[] =>
  lines.length === 0 ? [] : ['', paint.strong(title), ...lines.map((line) => `  ${line}`)];

const changeCells = (change: Change): readonly string[] => [
  change.kind,
  change.entryType,
  change.kind === 'renamed' ? `${change.from} -> ${change.path}` : change.path,
];

/** Renders how the tasks are scheduled, in words. */
const scheduleWords = ({ schedule, max_concurrency }: Plan): string => {
  switch (schedule) {
    case 'sequential':
      return 'one at a time';
    case 'groups':
      return `in groups, at most ${max_concurrency} side by side`;
    case 'graph':
      return `each as soon as what it depends on has completed, at most ${max_concurrency} side by side`;
  }
};

/** Batches as branches, their tasks as leaves. */
const batchTree = (plan: Plan): readonly string[] => {
  const cells = renderColumns(
    plan.tasks.map((task) => taskCells(task).map(onOneLine)),
    [0],
  );
  const lineOf = new Map(plan.tasks.map(({ execution_seq }, index) => [execution_seq, cells[index] ?? '']));
  return plan.batches.flatMap((seqs, batch) => {
    const isLastBatch = batch === plan.batches.length - 1;
    const stem = isLastBatch ? '   ' : '│  ';
    return [
      onOneLine(`${isLastBatch ? '└─' : '├─'} batch ${batch + 1}${orderWords(plan, seqs)}`),
      ...seqs.map(
        (seq, index) => `${stem}${index === seqs.length - 1 ? '└─' : '├─'} ${lineOf.get(seq) ?? ''}`,
      ),
    ];
  });
};

/** Renders why a batch waits although its tasks depend on nothing: only the schedule wants it. */
const orderWords = ({ tasks, schedule }: Plan, seqs: readonly number[]): string => {
  const first = tasks[(seqs[0] ?? 1) - 1];
  const before = tasks[(seqs[0] ?? 1) - 2];
  if (first === undefined || before === undefined || first.stage === before.stage) return '';
  if (schedule === 'sequential' && first.depends_on.includes(before.name)) return '';
  return schedule === 'sequential' ? ` (order: after ${before.name})` : ' (order: after everything above)';
};

const taskCells = (task: PlannedTask): readonly string[] => [
  String(task.execution_seq),
  task.name,
  task.factory,
  [
    ...(task.depends_on.length === 0 ? [] : [`depends on ${task.depends_on.join(', ')}`]),
    ...(task.run_when === undefined
      ? []
      : [`on ${task.run_when}${task.waits_for === 'all' ? ' of anything' : ''}`]),
    ...(task.if_superseded === undefined ? [] : ['not if superseded']),
    ...(task.blocked_by.length === 0
      ? []
      : [`will be skipped: it depends on ${task.blocked_by.map(nameOf).join(', ')}, which is rejected`]),
    ...(task.timeout_ms === null ? [] : [`timeout ${duration(task.timeout_ms)}`]),
    ...(task.retry === null ? [] : [`${task.retry.max_attempts} attempts`]),
    ...(task.queue === undefined ? [] : [`queue ${task.queue}`]),
    ...(task.host === undefined ? [] : [`on ${task.host}`]),
  ].join('; '),
];
