import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { taskDocument } from '../../../documents/task-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { WaitedCommit } from '../../../steward/shapes/call-reports.js';
import type { CommandDefinition } from '../../command.js';
import { EXIT, type ExitCode, exitCodeOfTasks } from '../../exit-codes.js';
import { transactionNumber } from '../../line/operand-values.js';
import { waitingTime } from '../../option-values.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderTasks } from '../../render/render-tasks.js';
import { paintFor } from '../../words/paint.js';
import { warnOfTasks } from '../../words/warn-of-tasks.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[transaction]', 'the commit; default: the newest one')
      .addOption(
        new Option('--timeout <duration>', 'how long to wait at most; default: no end').argParser(
          waitingTime,
        ),
      );
  },
  examples: [
    [
      'wait 42',
      'until all that commit 42 has set off has ended; the exit code is that of a write which waits',
    ],
    ['wait --timeout 5m', 'for the newest commit, and for five minutes at most: exit code 6'],
  ],
  run: (invocation) => {
    const { given, terminal } = invocation;
    const timeoutMs = given.number('timeout');
    return pipe(
      TE.fromEither(transactionNumber(given.operands[0])),
      TE.flatMap((asked) =>
        pipe(
          invocation,
          withPond((steward) =>
            pipe(
              asked === undefined ? steward.newestOwnCommit() : TE.right(asked),
              TE.flatMap((txnSeq) =>
                steward.wait(txnSeq, {
                  signal: terminal.interrupt,
                  ...(timeoutMs === undefined ? {} : { timeoutMs }),
                }),
              ),
            ),
          ),
        ),
      ),
      TE.tapIO((waited) => () => warnOfTasks(invocation, tasksOf(waited))),
      TE.flatMap((waited) =>
        writeResult(
          invocation,
          {
            json: () => waitedDocument(waited),
            text: () => inLines(renderTasks(printableDeep(tasksOf(waited)), paintFor(terminal))),
          },
          exitCodeOf(waited),
        ),
      ),
    );
  },
};

const tasksOf = ({ tasks, derived }: WaitedCommit) => [
  ...tasks,
  ...derived.flatMap((commit) => commit.tasks),
];

const exitCodeOf = (waited: WaitedCommit): ExitCode => {
  const code = exitCodeOfTasks(tasksOf(waited));
  return code === EXIT.done && !waited.hasEnded ? EXIT.unfinishedWork : code;
};

const waitedDocument = ({ txnSeq, tasks, derived, hasEnded }: WaitedCommit) => ({
  txn_seq: txnSeq,
  has_ended: hasEnded,
  tasks: tasks.map(taskDocument),
  ...(derived.length === 0
    ? {}
    : {
        derived: derived.map((commit) => ({
          txn_seq: commit.txnSeq,
          caused_by: commit.causedBy,
          tasks: commit.tasks.map(taskDocument),
        })),
      }),
});
