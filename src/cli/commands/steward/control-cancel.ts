import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../../control/control-record.js';
import { taskDocument } from '../../../documents/task-document.js';
import { isUnfinished } from '../../../documents/task-ends.js';
import { printableDeep } from '../../../domain/documents/printable.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import type { CommandDefinition } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { askedDocument, commitOrTask, printAsked } from '../../line/operand-values.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderTasks } from '../../render/render-tasks.js';
import { paintFor } from '../../words/paint.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument(
        '<commit-or-task>',
        'a commit (42: all its unfinished tasks), a task (42.1), or a firing (PATH@TIME, PATH@TIME.1)',
      )
      .option('--reason <text>', 'why, for the history');
  },
  examples: [
    [
      'control cancel 42.1 --reason "it would never end"',
      'end one task, wherever it runs, or see that it does not begin',
    ],
    ['control cancel 42', 'end all that is unfinished of commit 42'],
  ],
  run: (invocation) => {
    const { given, terminal } = invocation;
    const reason = given.text('reason');
    return pipe(
      TE.fromEither(commitOrTask(given.operands[0])),
      TE.flatMap((task) =>
        pipe(
          invocation,
          withPond((steward) =>
            steward.cancel(task, {
              signal: terminal.interrupt,
              ...(reason === undefined ? {} : { reason }),
            }),
          ),
          TE.tapIO((tasks) => () => {
            for (const one of tasks.filter(isUnfinished)) terminal.writeErr(stillRunning(one));
          }),
          TE.flatMap((tasks) =>
            writeResult(
              invocation,
              {
                json: () => ({ ...askedDocument(task), tasks: tasks.map(taskDocument) }),
                text: () =>
                  tasks.length === 0
                    ? `${printAsked(task)} has no task to cancel\n`
                    : inLines(renderTasks(printableDeep(tasks), paintFor(terminal))),
              },
              tasks.some(isUnfinished) ? EXIT.unfinishedWork : EXIT.done,
            ),
          ),
        ),
      ),
    );
  },
};

const stillRunning = (task: TaskStatus): string =>
  `pond: ${printTaskId(task)} is to end, and its process has not ended it yet; that will be recorded, also where the process dies\n`;
