import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../../control/records/task-status.js';
import { taskDocument } from '../../../documents/task-document.js';
import { isUnfinished } from '../../../documents/task-ends.js';
import { DEFAULT_QUEUE, placeOfTask, type TaskPlace } from '../../../domain/plans/task-place.js';
import { printableDeep } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { CommitPlan } from '../../../steward/shapes/call-reports.js';
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
              // Where it may run matters as long as it has not.
              const places = tasks.some(isUnfinished) ? placesIn(await run(steward.plan(txnSeq))) : NO_PLACES;
              return run(
                writeResult(invocation, {
                  json: () => ({
                    pond_id: steward.pondId,
                    txn_seq: txnSeq,
                    tasks: tasks.map((task) => ({ ...taskDocument(task), ...placeOf(places, task) })),
                  }),
                  text: () =>
                    tasks.length === 0
                      ? `commit ${txnSeq} set off no tasks\n`
                      : inLines(withReports(printableDeep(tasks), places, paintFor(invocation.terminal))),
                }),
              );
            }),
          ),
        ),
      ),
    ),
};

type Places = ReadonlyMap<number, TaskPlace>;

const NO_PLACES: Places = new Map();

const placesIn = ({ plan }: CommitPlan): Places =>
  new Map(plan.tasks.map((task) => [task.execution_seq, placeOfTask(task)]));

/** Place of a task that has not ended; of any other nothing. */
const placeOf = (places: Places, task: TaskStatus): TaskPlace | Record<never, never> =>
  isUnfinished(task) ? (places.get(task.executionSeq) ?? {}) : {};

const placeLine = (places: Places, task: TaskStatus): readonly string[] => {
  const { queue, host } = { ...NOWHERE, ...placeOf(places, task) };
  const words = [
    ...(queue === DEFAULT_QUEUE ? [] : [`in the queue ${queue}`]),
    ...(host === null ? [] : [`on the machine ${host}`]),
  ];
  return words.length === 0 ? [] : [`    runs ${words.join(', ')}`];
};

const NOWHERE = placeOfTask({});

/** A line for each task, and below it what it has reported. */
const withReports = (tasks: readonly TaskStatus[], places: Places, paint: Paint): readonly string[] => {
  const lines = renderTasks(tasks, paint);
  return tasks.flatMap((task, index) => [
    lines[index] ?? '',
    ...placeLine(places, task),
    ...reportLines(task.report).map((line) => `    ${line}`),
  ]);
};
