import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../../control/control-record.js';
import { taskDocument } from '../../../documents/task-document.js';
import { printableDeep } from '../../../domain/documents/printable.js';
import { steps } from '../../../effects/steps.js';
import type { CommandDefinition } from '../../command.js';
import { transactionNumber } from '../../line/operand-values.js';
import { inLines, writeResult } from '../../output.js';
import { COMMIT_OPERAND, commitAsked } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import { renderTasks } from '../../render/render-tasks.js';
import { type Paint, paintFor } from '../../words/paint.js';
import { reportLines } from '../../words/report-lines.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('[transaction]', COMMIT_OPERAND);
  },
  examples: [
    ['show-post-commit', 'the tasks of the last commit and what became of them'],
    ['show-post-commit 42', 'those of commit 42'],
  ],
  run: (invocation) =>
    pipe(
      TE.fromEither(transactionNumber(invocation.given.operands[0])),
      TE.flatMap((number) =>
        pipe(
          invocation,
          withPond((steward) =>
            steps(async ({ run }) => {
              const txnSeq = await run(commitAsked(steward, number));
              const tasks = await run(steward.tasks(txnSeq));
              return run(
                writeResult(invocation, {
                  json: () => ({
                    pond_id: steward.pondId,
                    txn_seq: txnSeq,
                    tasks: tasks.map(taskDocument),
                  }),
                  text: () =>
                    tasks.length === 0
                      ? `commit ${txnSeq} set off no tasks\n`
                      : inLines(withReports(printableDeep(tasks), paintFor(invocation.terminal))),
                }),
              );
            }),
          ),
        ),
      ),
    ),
};

/** A line for each task, and below it what it has reported. */
const withReports = (tasks: readonly TaskStatus[], paint: Paint): readonly string[] => {
  const lines = renderTasks(tasks, paint);
  return tasks.flatMap((task, index) => [
    lines[index] ?? '',
    ...reportLines(task.report).map((line) => `    ${line}`),
  ]);
};
