import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { statusDocument } from '../../../documents/status-document.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { PondStatus } from '../../../steward/shapes/call-reports.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderIncomplete } from '../../render/render-incomplete.js';
import { scheduleRow, watchRow } from '../../words/background-rows.js';
import { paintFor } from '../../words/paint.js';
import { pondNamed } from '../../words/pond-named.js';
import { duration, localTime } from '../../words/print-values.js';
import { remoteRow } from '../../words/remote-lag.js';
import { renderColumns } from '../../words/render-columns.js';
import { unfinishedIn } from '../../words/unfinished.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .option('--post-commit', 'with every unfinished and failed task')
      .option('--check', 'exit with 6 if anything is unfinished or failed; what is running is neither');
  },
  examples: [
    ['status', 'identity, last commit, how much is unfinished or failed'],
    ['status --check || pond control --incomplete', 'for a script'],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => steward.status(showsTasks(invocation) ? {} : { failedTasks: 0 })),
      TE.flatMap((status) =>
        writeResult(
          invocation,
          {
            json: () => statusDocument(status, { withTasks: showsTasks(invocation) }),
            text: () => inLines(statusLines(printableDeep(status), invocation)),
          },
          exitCodeOf(status, invocation.given.flag('check')),
        ),
      ),
    ),
};

const showsTasks = ({ given }: Invocation): boolean => given.flag('postCommit');

const exitCodeOf = ({ incomplete }: PondStatus, check: boolean): ExitCode => {
  const isClean = unfinishedIn(incomplete) + incomplete.failed.tasks === 0;
  return check && !isClean ? EXIT.unfinishedWork : EXIT.done;
};

const statusLines = (status: PondStatus, invocation: Invocation): readonly string[] => {
  const { incomplete } = status;
  return [
    ...renderColumns([
      ['pond', status.pondId],
      ['birthplace', status.birthplace],
      ['last commit', String(status.lastTxnSeq)],
      ['data version', String(status.dataFsVersion)],
      ...runningRows('transactions', incomplete.transactions.filter(({ isRunning }) => isRunning).length),
      ...runningRows('tasks', incomplete.tasks.filter(({ runner }) => runner !== null).length),
      [
        'unfinished transactions',
        String(incomplete.transactions.filter(({ isRunning }) => !isRunning).length),
      ],
      ['unfinished tasks', String(incomplete.tasks.filter(({ runner }) => runner === null).length)],
      ['failed tasks', String(incomplete.failed.tasks)],
      ...fleetRows(status.fleet),
      ...status.remotes.map((remote) => ['remote', shownCells(remoteRow(remote))]),
      ...status.schedules.map((schedule) => ['schedule', shownCells(scheduleRow(schedule))]),
      ...status.watches.map((watch) => ['watch', shownCells(watchRow(watch))]),
      ...status.untaken
        .slice(0, SHOWN_UNTAKEN)
        .map((task) => [
          'no worker takes',
          `${printTaskId(task)}  ${task.configPath}  ${task.reasons.join('; ')}`,
        ]),
      ...(status.replicaOf === null ? [] : [['replica of', replicaText(status.replicaOf)]]),
    ]),
    ...(showsTasks(invocation)
      ? [
          '',
          ...renderIncomplete(incomplete, {
            paint: paintFor(invocation.terminal),
            named: pondNamed(invocation.options),
          }),
        ]
      : []),
  ];
};

/** Tasks at most that are shown of those that nobody takes; the others have the same reasons, mostly. */
const SHOWN_UNTAKEN = 10;

/** Rows about tasks that wait and processes that work, where there are some. */
const fleetRows = ({ queue, workers }: PondStatus['fleet']): readonly (readonly string[])[] => [
  ...(queue.oldestAgeMs === null
    ? []
    : [['tasks not begun', `${queue.pending}  the oldest waits for ${duration(queue.oldestAgeMs)}`]]),
  ...(workers.length === 0
    ? []
    : [
        [
          'workers',
          `${workers.length}  on ${[...new Set(workers.map(({ host }) => host ?? '-'))].join(', ')}`,
        ],
      ]),
];

const shownCells = (cells: readonly string[]): string => cells.filter((cell) => cell !== '').join('  ');

const replicaText = ({ url, pulledAt }: NonNullable<PondStatus['replicaOf']>): string =>
  pulledAt === null ? url : `${url}  pulled ${localTime(pulledAt)}`;

/** Running work is not unfinished, and said where there is some. */
const runningRows = (what: string, count: number): readonly (readonly string[])[] =>
  count === 0 ? [] : [[`running ${what}`, String(count)]];
