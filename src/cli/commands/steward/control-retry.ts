import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { tasksDocument } from '../../../documents/tasks-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { CommandDefinition } from '../../command.js';
import { exitCodeOfTasks } from '../../exit-codes.js';
import { commitOrTask } from '../../line/operand-values.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderTasks } from '../../render/render-tasks.js';
import { paintFor } from '../../words/paint.js';
import { warnOfTasks } from '../../words/warn-of-tasks.js';

const NOTHING_TO_RETRY =
  'pond: nothing was run: no task of it has failed; one that is dismissed, or was skipped by its own run_when, is run by its name, such as 42.1\n';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument(
        '<commit-or-task>',
        'a commit (42: all its failed tasks), a task (42.1), or a firing (PATH@TIME, PATH@TIME.1)',
      )
      .option('--current-config', "use today's configuration instead of the commit's");
  },
  examples: [
    ['control retry 42', 'all failed tasks of commit 42, with its data and its configuration'],
    ['control retry 42.1 --current-config', 'one task, after its configuration was corrected'],
  ],
  run: (invocation) => {
    const { given, terminal } = invocation;
    const currentConfig = given.flag('currentConfig');
    return pipe(
      TE.fromEither(commitOrTask(given.operands[0])),
      TE.flatMap((task) =>
        pipe(
          invocation,
          withPond((steward) => steward.retry(task, { currentConfig, signal: terminal.interrupt })),
          TE.tapIO((tasks) => () => {
            if (tasks.length === 0) terminal.writeErr(NOTHING_TO_RETRY);
            warnOfTasks(invocation, tasks);
          }),
          TE.flatMap((tasks) =>
            writeResult(
              invocation,
              {
                json: () => tasksDocument(task, tasks),
                text: () => inLines(renderTasks(printableDeep(tasks), paintFor(terminal))),
              },
              exitCodeOfTasks(tasks),
            ),
          ),
        ),
      ),
    );
  },
};
