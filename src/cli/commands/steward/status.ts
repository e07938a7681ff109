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
import { renderColumns } from '../../words/render-columns.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .option('--post-commit', 'with every unfinished and failed task')
      .option('--check', 'exit with 6 if anything is unfinished or failed');
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
  const { transactions, tasks, failedTasks } = incomplete;
  const isClean = transactions.length + tasks.length + failedTasks.length === 0;
  return check && !isClean ? EXIT.unfinishedWork : EXIT.done;
};

const statusDocument = (status: PondStatus, withTasks: boolean): JsonObject => ({
  pond_id: status.pondId,
  birthplace: status.birthplace,
  last_txn_seq: status.lastTxnSeq,
  data_fs_version: status.dataFsVersion,
  incomplete: {
    transactions: status.incomplete.transactions.length,
    tasks: status.incomplete.tasks.length,
  },
  failed_tasks: status.incomplete.failedTasks.length,
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
      ['unfinished transactions', String(incomplete.transactions.length)],
      ['unfinished tasks', String(incomplete.tasks.length)],
      ['failed tasks', String(incomplete.failedTasks.length)],
    ]),
    ...(showsTasks(invocation) ? ['', ...renderIncomplete(incomplete, paintFor(invocation.terminal))] : []),
  ];
};
