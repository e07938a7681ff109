import type { TaskState, TaskStatus } from '../../control/records/task-status.js';
import type { WriteOutcome } from '../../steward/shapes/transactions.js';

/** A write in one line: `committed 13: 2 tasks completed, 1 failed in 0.3 s`. The time is that of its tasks. */
export const describeWrite = <A>(outcome: WriteOutcome<A>): string => {
  if (outcome._tag === 'Unchanged') return 'unchanged: there was nothing to commit';
  const { txnSeq, tasks, inBackground } = outcome;
  if (inBackground) return `committed ${txnSeq}: ${counted(tasks)}, in the background: pond wait ${txnSeq}`;
  return tasks.length === 0 ? `committed ${txnSeq}` : `committed ${txnSeq}: ${counted(tasks)}${took(tasks)}`;
};

/** States in the order of the line, each with its word. */
const WORDS: Readonly<Record<TaskState, string>> = {
  completed: 'completed',
  failed: 'failed',
  rolled_back: 'undone',
  skipped: 'skipped',
  cancelled: 'cancelled',
  dismissed: 'dismissed',
  started: 'running',
  pending: 'pending',
};

const counted = (tasks: readonly TaskStatus[]): string =>
  Object.entries(WORDS)
    .map(([state, word]) => [tasks.filter((task) => task.state === state).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word], at) =>
      at > 0 ? `${count} ${word}` : `${count} task${count === 1 ? '' : 's'} ${word}`,
    )
    .join(', ');

/** Seconds from the first start to the last end; nothing where no task was begun. */
const took = (tasks: readonly TaskStatus[]): string => {
  const starts = tasks.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt]));
  const ends = tasks.flatMap(({ completedAt }) => (completedAt === null ? [] : [completedAt]));
  if (starts.length === 0 || ends.length === 0) return '';
  const seconds = Math.max(0, Math.max(...ends) - Math.min(...starts)) / 1_000_000;
  return ` in ${seconds.toFixed(seconds < 100 ? 1 : 0)} s`;
};
