import { commandFor } from '../../documents/task-ends.js';
import type { Incomplete } from '../../steward/shapes/upkeep.js';
import type { Paint } from '../words/paint.js';
import type { InWords } from '../words/pond-named.js';
import { localTime, onOneLine, typedCommand } from '../words/print-values.js';
import { renderTasks } from './render-tasks.js';

/** Look of the lines, and commands in them as they are to be typed. */
interface Look {
  readonly paint: Paint;
  readonly named: InWords;
}

/** Unfinished transactions, unfinished tasks and failed tasks, each with the command that deals with it. */
export const renderIncomplete = (incomplete: Incomplete, { paint, named }: Look): readonly string[] => {
  const sections = [
    section('Unfinished transactions', transactionLines(incomplete, named), paint),
    section('Unfinished tasks', unfinishedLines(incomplete, { paint, named }), paint),
    section('Failed tasks', failedLines(incomplete, { paint, named }), paint),
  ].filter((lines) => lines.length > 0);
  return sections.length === 0
    ? ['nothing is unfinished, nothing failed']
    : sections.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
};

const section = (title: string, lines: readonly string[], paint: Paint): readonly string[] =>
  lines.length === 0 ? [] : [paint.strong(title), ...lines];

const transactionLines = ({ transactions }: Incomplete, named: InWords): readonly string[] =>
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
        : `    ${named('pond recover')}`,
    ];
  });

const unfinishedLines = ({ tasks }: Incomplete, { paint, named }: Look): readonly string[] => {
  const lines = renderTasks(tasks, paint);
  return tasks.flatMap((task, index) => [
    `  ${lines[index] ?? ''}`,
    task.runner === null
      ? `    ${named(commandFor(task))}`
      : `    being run by process ${task.runner.pid} (${onOneLine(task.runner.command)})`,
  ]);
};

const failedLines = ({ failedTasks }: Incomplete, { paint, named }: Look): readonly string[] => {
  const lines = renderTasks(failedTasks, paint);
  return failedTasks.flatMap((task, index) => [`  ${lines[index] ?? ''}`, `    ${named(commandFor(task))}`]);
};
