import type { FiringStatus } from '../../control/records/firing-record.js';
import type { TransactionStatus, TransactionSummary } from '../../control/records/transaction-summary.js';
import { traceIdOf } from '../../documents/task-document.js';
import { traceLink } from '../../documents/trace-link.js';
import { printLink } from '../../domain/plans/chain.js';
import { parseTraceParent } from '../../domain/trace-parent.js';
import type { WatchedFolder } from '../../steward/shapes/background-reports.js';
import type { Incomplete } from '../../steward/shapes/upkeep.js';
import { watchRow } from '../words/background-rows.js';
import type { Paint } from '../words/paint.js';
import { counted, duration, localTime, onOneLine, typedCommand } from '../words/print-values.js';
import { renderColumns } from '../words/render-columns.js';
import { renderTasks } from './render-tasks.js';

export interface RecentWork {
  /** Newest first, both. */
  readonly writes: readonly TransactionSummary[];
  readonly reads: readonly TransactionSummary[];
  readonly incomplete: Incomplete;
  /** Newest first; left out: there are none to show. */
  readonly firings?: readonly FiringStatus[];
  /** Left out: there are none to show. */
  readonly watches?: readonly WatchedFolder[];
}

/** A block per write with its tasks, then the recent reads, then how much is unfinished or failed. */
export const renderRecent = (
  { writes, reads, incomplete, firings = [], watches = [] }: RecentWork,
  paint: Paint,
  environment: Environment = {},
): readonly string[] => [
  ...writes.flatMap((write) => renderTransaction(write, paint, environment)),
  ...(firings.length === 0
    ? []
    : [
        '',
        paint.strong('Recent firings'),
        ...firings.flatMap(({ name, dueAt, tasks }) => [
          `${onOneLine(name)}  ${paint.faint(`due ${localTime(dueAt)}`)}`,
          ...renderTasks(tasks, paint).map((line) => `  ${line}`),
        ]),
      ]),
  ...(watches.length === 0
    ? []
    : [
        '',
        paint.strong('Watched folders'),
        ...watches.flatMap((watch) => {
          const [path = '', ...cells] = watchRow(watch);
          return [
            onOneLine(path),
            ...cells.filter((cell) => cell !== '').map((cell) => `  ${onOneLine(cell)}`),
          ];
        }),
      ]),
  ...(reads.length === 0
    ? []
    : [
        '',
        paint.strong('Recent reads'),
        ...reads.flatMap((read) => renderTransaction(read, paint, environment)),
      ]),
  '',
  incompleteLine(incomplete, paint),
];

type Environment = Readonly<Record<string, string | undefined>>;

const renderTransaction = (
  transaction: TransactionSummary,
  paint: Paint,
  environment: Environment,
): readonly string[] => {
  const { status, isGone, cliArgs, startedAt, durationMs, errorMessage, causedBy } = transaction;
  const command = typedCommand(cliArgs);
  const head = [
    paint.strong(sequenceOf(transaction)),
    statusWord(status, paint),
    command,
    paint.faint(localTime(startedAt)),
    duration(durationMs),
  ];
  return [
    head.join('  '),
    ...(causedBy.length === 0 ? [] : [`  ${paint.faint(`caused by ${causedBy.map(printLink).join(', ')}`)}`]),
    ...(isGone ? [`  ${paint.bad('no longer in the table: an older data/ was put back')}`] : []),
    ...(errorMessage === null ? [] : [`  ${paint.bad(onOneLine(errorMessage))}`]),
    ...gateLines(transaction, paint),
    ...renderTasks(transaction.tasks, paint).map((line) => `  ${line}`),
    ...traceLines(transaction, environment).map((line) => `  ${paint.faint(line)}`),
  ];
};

/** A line for each gate that was asked. */
const gateLines = ({ gates }: TransactionSummary, paint: Paint): readonly string[] =>
  renderColumns(
    gates.map(({ state, configPath, factoryName, durationMs }) => [
      state === 'completed' ? '✓' : '✗',
      'gate',
      onOneLine(configPath),
      onOneLine(factoryName ?? '-'),
      state === 'completed' ? 'passed' : 'refused',
      duration(durationMs),
    ]),
  ).map((line, index) => `  ${gates[index]?.state === 'completed' ? line : paint.bad(line)}`);

/** The trace's id, and where it can be looked at, if anything of it was sent: at the commit, or by a later attempt. */
const traceLines = (
  { traceParent, tasks }: TransactionSummary,
  environment: Environment,
): readonly string[] => {
  const traceId = traceIdOf(traceParent);
  if (traceId === null) return [];
  const wasSent = [traceParent, ...tasks.map((task) => task.traceParent)].some(
    (one) => parseTraceParent(one)?.sampled === true,
  );
  const link = wasSent ? traceLink(traceParent, environment) : null;
  return [['trace', traceId, ...(link === null ? [] : [link])].join(' ')];
};

/** `#42` is commit 42, `@42` a read of its state. A write that did not commit has used up no number. */
const sequenceOf = ({ txnSeq, transactionType, status }: TransactionSummary): string => {
  if (transactionType === 'read') return `@${txnSeq}`;
  return status === 'committed' || status === 'incomplete' ? `#${txnSeq}` : '-';
};

const statusWord = (status: TransactionStatus, paint: Paint): string => {
  switch (status) {
    case 'committed':
    case 'completed':
      return paint.good(status);
    case 'failed':
    case 'incomplete':
      return paint.bad(status);
  }
};

const incompleteLine = ({ transactions, tasks, failedTasks }: Incomplete, paint: Paint): string => {
  const unfinished = transactions.length + tasks.length;
  if (unfinished + failedTasks.length === 0) return paint.good('nothing is unfinished, nothing failed');
  const words = `unfinished: ${counted(transactions.length, 'transaction')}, ${counted(tasks.length, 'task')}; failed: ${counted(failedTasks.length, 'task')}`;
  return `${paint.bad(words)} (pond control --incomplete)`;
};
