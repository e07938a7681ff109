import type { Incomplete } from '../../steward/shapes/upkeep.js';
import { typedCommand } from './print-values.js';

/** Number of transactions and tasks that are unfinished: those that no live process is at. */
export const unfinishedIn = ({ transactions, tasks }: Pick<Incomplete, 'transactions' | 'tasks'>): number =>
  transactions.filter(({ isRunning }) => !isRunning).length +
  tasks.filter(({ runner }) => runner === null).length;

/** A transaction that a live process is at, in words. */
export const describeRunning = ({
  transactionType,
  cliArgs,
  environment,
}: Incomplete['transactions'][number]): string => {
  const command = typedCommand(cliArgs);
  const process = typeof environment.pid === 'number' ? ` in process ${environment.pid}` : '';
  return `${transactionType}  ${command} is running${process}`;
};
