import { commandFor } from '../../documents/task-ends.js';
import type { Incomplete } from '../../steward/upkeep.js';
import type { Paint } from '../words/paint.js';
import { localTime, onOneLine, typedCommand } from '../words/print-values.js';
import { renderTasks } from './render-tasks.js';

/** Unfinished transactions, unfinished tasks and failed tasks, each with the command that deals with it. */
export const renderIncomplete = (incomplete: Incomplete, paint: Paint): readonly string[] => {
  const sections = [
    section('Unfinished transactions', transactionLines(incomplete), paint),
    section('Unfinished tasks', unfinishedLines(incomplete, paint), paint),
    section('Failed tasks', failedLines(incomplete, paint), paint),
  ].filter((lines) => lines.length > 0);
  return sections.length === 0
    ? ['nothing is unfinished, nothing failed']
    : sections.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
};

const section = (title: string, lines: readonly string[], paint: Paint): readonly string[] =>
  lines.length === 0 ? [] : [paint.strong(title), ...lines];

const transactionLines = ({ transactions }: Incomplete): readonly string[] =>
  transactions.flatMap((transaction) => {
    const what = transaction.dataCommitted
      ? 'its data is committed'
      : 'its data is not recorded as committed';
    const command = typedCommand(transaction.cliArgs);
    const pid = transaction.environment.pid;
    return [
      `  ${transaction.transactionType}  ${command}  ${localTime(transaction.startedAt)}  ${what}`,
      transaction.isRunning
        ? `    running${typeof pid === 'number' ? ` in process ${pid}` : ''}`
        : '    pond recover',
    ];
  });

const unfinishedLines = ({ tasks }: Incomplete, paint: Paint): readonly string[] => {
  const lines = renderTasks(tasks, paint);
  return tasks.flatMap((task, index) => [
    `  ${lines[index] ?? ''}`,
    task.runner === null
      ? `    ${commandFor(task)}`
      : `    being run by process ${task.runner.pid} (${onOneLine(task.runner.command)})`,
  ]);
};

const failedLines = ({ failedTasks }: Incomplete, paint: Paint): readonly string[] => {
  const lines = renderTasks(failedTasks, paint);
  return failedTasks.flatMap((task, index) => [`  ${lines[index] ?? ''}`, `    ${commandFor(task)}`]);
};
