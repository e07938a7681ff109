import type { PendingTask } from '../../control/records/commit-record.js';
import { SYSTEM_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import type { PlanBody } from '../../domain/plans/plan.js';
import { describeRejection } from '../describe-plan.js';

/** A plan's tasks and rejected entries as they enter the control table. */
export const pendingTasksOf = (plan: PlanBody): readonly PendingTask[] => [
  ...plan.tasks.map((task) => ({
    executionSeq: task.execution_seq,
    factoryName: task.factory,
    configPath: task.config_path,
    rejected: null,
  })),
  ...plan.rejected.map((entry) => ({
    executionSeq: entry.execution_seq,
    factoryName: entry.factory,
    configPath: entry.path,
    rejected: describeRejection(entry),
  })),
];

/** Paths of all entries that there were when a plan was made; null where they could not be listed. */
export const entriesOf = ({ tasks, skipped, rejected }: PlanBody): readonly string[] | null =>
  rejected.some(({ path }) => path === SYSTEM_DIRECTORY)
    ? null
    : [...tasks.map(({ config_path }) => config_path), ...[...skipped, ...rejected].map(({ path }) => path)];
