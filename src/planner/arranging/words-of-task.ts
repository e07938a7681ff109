import type { PlannedTask, TaskRules } from '../../domain/plans/plan.js';
import { DEFAULT_QUEUE, type TaskPlace } from '../../domain/plans/task-place.js';

/** Facts that every task has. */
export type PlainTask = Omit<
  PlannedTask,
  'derived' | 'host' | 'if_superseded' | 'queue' | 'run_when' | 'waits_for'
>;

/** Tells whether an entry says nothing but what holds anyway, as most do: its task is a plain one. */
export const saysNoMore = (
  { derived, ifSuperseded, runWhen, waitsFor }: TaskRules,
  { host, queue }: TaskPlace,
): boolean =>
  !derived &&
  ifSuperseded === 'run' &&
  runWhen === 'success' &&
  waitsFor !== 'all' &&
  host === null &&
  queue === DEFAULT_QUEUE;

/** A task with what its entry says besides; what it does not say is not there. Keys are in the order of their names. */
export const withWords = (
  { batch, blocked_by, config_path, depends_on, execution_seq, factory, name, retry, ...plain }: PlainTask,
  rules: TaskRules,
  { host, queue }: TaskPlace,
): PlannedTask => ({
  batch,
  blocked_by,
  config_path,
  depends_on,
  ...(rules.derived ? { derived: true as const } : {}),
  execution_seq,
  factory,
  ...(host === null ? {} : { host }),
  ...(rules.ifSuperseded === 'run' ? {} : { if_superseded: rules.ifSuperseded }),
  name,
  ...(queue === DEFAULT_QUEUE ? {} : { queue }),
  retry,
  ...(rules.runWhen === 'success' ? {} : { run_when: rules.runWhen }),
  ...plain,
  ...(rules.waitsFor === 'all' ? { waits_for: rules.waitsFor } : {}),
});
