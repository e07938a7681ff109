import type { TaskStatus } from '../../control/records/task-status.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { Paint } from '../words/paint.js';
import { briefly, duration, localTime, onOneLine } from '../words/print-values.js';
import { renderColumns } from '../words/render-columns.js';

/** One line per task: mark, task, path, factory, state, duration, attempts if several, the time before which it is not tried again, error. */
export const renderTasks = (tasks: readonly TaskStatus[], paint: Paint): readonly string[] => {
  const lines = renderColumns(
    tasks.map((task) => [
      printTaskId(task),
      briefly(task.configPath),
      briefly(task.factoryName ?? '-'),
      task.state,
      duration(task.durationMs),
      task.attempts > 1 ? `${task.attempts} attempts` : '',
    ]),
    [4],
  );
  return tasks.map((task, index) => {
    const later =
      task.state === 'pending' && task.notBefore !== null
        ? paint.faint(`  from ${localTime(task.notBefore)} on`)
        : '';
    const error = task.errorMessage === null ? '' : `  ${paint.bad(onOneLine(task.errorMessage))}`;
    return `${mark(task, paint)} ${lines[index] ?? ''}${later}${error}`;
  });
};

const mark = ({ state }: TaskStatus, paint: Paint): string => {
  switch (state) {
    case 'completed':
      return paint.good('✓');
    case 'failed':
    case 'rolled_back':
    case 'cancelled':
      return paint.bad('✗');
    case 'skipped':
    case 'dismissed':
      return paint.faint('-');
    case 'pending':
    case 'started':
      return paint.faint('…');
  }
};
