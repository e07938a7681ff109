import type { TaskStatus } from '../../control/records/task-status.js';
import { commandFor, endedBadly, isUnfinished } from '../../documents/task-ends.js';
import { printableDeep } from '../../domain/text/printable.js';
import type { Invocation } from '../command.js';
import { pondNamed } from './pond-named.js';
import { briefly, localTime, onOneLine } from './print-values.js';

/** Says on standard error which tasks did not do their work, why, and which command deals with each. */
export const warnOfTasks = (
  { terminal, options }: Pick<Invocation, 'terminal'> & { readonly options: Parameters<typeof pondNamed>[0] },
  tasks: readonly TaskStatus[],
): void => {
  const named = pondNamed(options);
  for (const task of printableDeep(tasks.filter((task) => endedBadly(task) || isUnfinished(task)))) {
    const factory = task.factoryName === null ? '' : ` (${briefly(task.factoryName)})`;
    const why = task.errorMessage === null ? '' : `: ${onOneLine(task.errorMessage)}`;
    terminal.writeErr(`pond: warning: ${briefly(task.configPath)}${factory} ${whatBecame(task)}${why}\n`);
    terminal.writeErr(`  ${named(commandFor(task))}\n`);
  }
};

const whatBecame = (task: TaskStatus): string => {
  const after = task.firing === undefined ? `after commit ${task.parentTxnSeq}` : `for ${task.firing}`;
  switch (task.state) {
    case 'failed':
      return task.attempts === 0 ? `was rejected ${after}` : `failed ${after}`;
    case 'rolled_back':
      return `failed ${after} and was undone`;
    case 'skipped':
      return `was skipped ${after}`;
    case 'cancelled':
      return `was cancelled ${after}`;
    default:
      return task.notBefore === null
        ? `is not finished ${after}`
        : `is to be tried again ${after} by pond recover, from ${localTime(task.notBefore)} on; at once by`;
  }
};
