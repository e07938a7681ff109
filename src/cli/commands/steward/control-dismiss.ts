import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { taskDocument } from '../../../documents/task-document.js';
import { printableDeep } from '../../../domain/documents/printable.js';
import type { CommandDefinition } from '../../command.js';
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
        'a commit (42: all its failed tasks), a task (42.1), or a firing (PATH@TIME, PATH@TIME.1)',
      )
      .option('--reason <text>', 'why, for the history');
  },
  examples: [
    ['control dismiss 42.1 --reason "the file was replaced by commit 43"', 'settle one failed task'],
    ['control dismiss 42', 'settle all failed and abandoned tasks of commit 42'],
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
            steward.dismiss(task, {
              signal: terminal.interrupt,
              ...(reason === undefined ? {} : { reason }),
            }),
          ),
          TE.flatMap((tasks) =>
            writeResult(invocation, {
              json: () => ({ ...askedDocument(task), tasks: tasks.map(taskDocument) }),
              text: () =>
                tasks.length === 0
                  ? `${printAsked(task)} has no task to dismiss\n`
                  : inLines(renderTasks(printableDeep(tasks), paintFor(terminal))),
            }),
          ),
        ),
      ),
    );
  },
};
