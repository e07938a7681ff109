import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../../control/records/task-status.js';
import { tasksDocument } from '../../../documents/tasks-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { CommandDefinition } from '../../command.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { commitOrTask, printAsked } from '../../line/operand-values.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderTasks } from '../../render/render-tasks.js';
import { paintFor } from '../../words/paint.js';

/** A command by which the tasks that it names come to an end without being run, and which prints them as they are then. */
export const settlingTasks = (
  call: 'cancel' | 'dismiss',
  {
    which,
    examples,
    isOpen = () => false,
    stillOpen = () => '',
  }: {
    /** Tasks of a commit that are meant where it is named alone. */
    readonly which: string;
    readonly examples: CommandDefinition['examples'];
    /** Tells whether something is still to come of a task, so that the command ends with 6. */
    readonly isOpen?: (task: TaskStatus) => boolean;
    /** A line that says so. */
    readonly stillOpen?: (task: TaskStatus) => string;
  },
): CommandDefinition => ({
  declare: (command) => {
    command
      .argument(
        '<commit-or-task>',
        `a commit (42: ${which}), a task (42.1), or a firing (PATH@TIME, PATH@TIME.1)`,
      )
      .option('--reason <text>', 'why, for the history');
  },
  examples,
  run: (invocation) => {
    const { given, terminal } = invocation;
    const reason = given.text('reason');
    const options = { signal: terminal.interrupt, ...(reason === undefined ? {} : { reason }) };
    return pipe(
      TE.fromEither(commitOrTask(given.operands[0])),
      TE.flatMap((task) =>
        pipe(
          invocation,
          withPond((steward) => steward[call](task, options)),
          TE.tapIO((tasks) => () => {
            for (const one of tasks.filter(isOpen)) terminal.writeErr(stillOpen(one));
          }),
          TE.flatMap((tasks) => {
            const code: ExitCode = tasks.some(isOpen) ? EXIT.unfinishedWork : EXIT.done;
            const output = {
              json: () => tasksDocument(task, tasks),
              text: () =>
                tasks.length === 0
                  ? `${printAsked(task)} has no task to ${call}\n`
                  : inLines(renderTasks(printableDeep(tasks), paintFor(terminal))),
            };
            return writeResult(invocation, output, code);
          }),
        ),
      ),
    );
  },
});
