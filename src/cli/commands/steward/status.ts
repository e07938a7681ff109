import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { printableDeep } from '../../../domain/documents/printable.js';
import type { PondStatus } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { incompleteDocument } from '../../documents/transaction-document.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderIncomplete } from '../../render/render-incomplete.js';
import { paintFor } from '../../words/paint.js';
import { isoTime, localTime } from '../../words/print-values.js';
import { remoteDocument, remoteRow } from '../../words/remote-lag.js';
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
      withPond((steward) => steward.status()),
      TE.flatMap((status) =>
        writeResult(
          invocation,
          {
            json: () => statusDocument(status, showsTasks(invocation)),
            text: () => inLines(statusLines(printableDeep(status), invocation)),
          },
          exitCodeOf(status, invocation.given.flag('check')),
        ),
      ),
    ),
};

const showsTasks = ({ given }: Invocation): boolean => given.flag('postCommit');

const exitCodeOf = ({ incomplete }: PondStatus, check: boolean): ExitCode => {
  const isClean = unfinishedIn(incomplete) + incomplete.failedTasks.length === 0;
  return check && !isClean ? EXIT.unfinishedWork : EXIT.done;
};

const statusDocument = (status: PondStatus, withTasks: boolean): JsonObject => ({
  pond_id: status.pondId,
  birthplace: status.birthplace,
  last_txn_seq: status.lastTxnSeq,
  data_fs_version: status.dataFsVersion,
  incomplete: {
    transactions: status.incomplete.transactions.filter(({ isRunning }) => !isRunning).length,
    tasks: status.incomplete.tasks.filter(({ runner }) => runner === null).length,
  },
  running: {
    transactions: status.incomplete.transactions.filter(({ isRunning }) => isRunning).length,
    tasks: status.incomplete.tasks.filter(({ runner }) => runner !== null).length,
  },
  failed_tasks: status.incomplete.failedTasks.length,
  ...(status.remotes.length === 0 ? {} : { remotes: status.remotes.map(remoteDocument) }),
  ...(status.replicaOf === null
    ? {}
    : {
        replica_of: {
          url: status.replicaOf.url,
          pulled_at: status.replicaOf.pulledAt === null ? null : isoTime(status.replicaOf.pulledAt),
        },
      }),
  ...(withTasks ? { post_commit: incompleteDocument(status.incomplete) } : {}),
});

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
      ['failed tasks', String(incomplete.failedTasks.length)],
      ...status.remotes.map((remote) => [
        'remote',
        remoteRow(remote)
          .filter((cell) => cell !== '')
          .join('  '),
      ]),
      ...(status.replicaOf === null ? [] : [['replica of', replicaText(status.replicaOf)]]),
    ]),
    ...(showsTasks(invocation) ? ['', ...renderIncomplete(incomplete, paintFor(invocation.terminal))] : []),
  ];
};

const replicaText = ({ url, pulledAt }: NonNullable<PondStatus['replicaOf']>): string =>
  pulledAt === null ? url : `${url}  pulled ${localTime(pulledAt)}`;

/** Running work is not unfinished, and said where there is some. */
const runningRows = (what: string, count: number): readonly (readonly string[])[] =>
  count === 0 ? [] : [[`running ${what}`, String(count)]];
