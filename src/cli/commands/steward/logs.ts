import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { outputDocument } from '../../../documents/output-document.js';
import { isUnfinished } from '../../../documents/task-ends.js';
import { firingPlaceOf } from '../../../domain/plans/firing.js';
import { printTaskId, type TaskId } from '../../../domain/plans/task-id.js';
import { steps } from '../../../effects/steps.js';
import type { TaskOutput, TasksAsked } from '../../../steward/shapes/call-reports.js';
import type { OutputLine } from '../../../steward/shapes/output-line.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, type UsageError, usage } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { commitOrTask } from '../../line/operand-values.js';
import { wholeNumber } from '../../option-values.js';
import { inLines, writeJson } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderOutputLine } from '../../render/render-output.js';

/** Milliseconds between two looks at what is being said. */
const PAUSE = 200;

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<task>', 'a task (42.1), or one of a firing (PATH@TIME, PATH@TIME.1)')
      .addOption(new Option('--attempt <number>', 'an attempt; default: the newest').argParser(wholeNumber))
      .option('--follow', 'go on until the attempt has ended');
  },
  examples: [
    ['logs 42.1', 'what the newest attempt of a task has said'],
    ['logs 42.1 --attempt 1', 'what its first attempt said'],
    ['logs 42.1 --follow', 'what it says while it runs'],
  ],
  run: (invocation) =>
    pipe(
      TE.fromEither(commitOrTask(invocation.given.operands[0])),
      TE.flatMap((asked) =>
        'txnSeq' in asked && asked.executionSeq === undefined
          ? TE.left<UsageError, TasksAsked>(
              usage(
                `${asked.txnSeq} is a commit; what is kept is said by one of its tasks`,
                `pond logs ${asked.txnSeq}.1`,
              ),
            )
          : TE.right<UsageError, TasksAsked>(asked),
      ),
      TE.flatMap((asked) =>
        pipe(
          invocation,
          withPond((steward) =>
            pipe(
              taskAsked(steward, asked),
              TE.flatMap((task) => showOutput(invocation, steward, task)),
            ),
          ),
        ),
      ),
    ),
};

/** The task that is named; of a firing, the scheduled entry itself where no other is. */
const taskAsked = (steward: Steward, asked: TasksAsked): TE.TaskEither<CliError, TaskId> => {
  if ('txnSeq' in asked) {
    return TE.right({ parentTxnSeq: asked.txnSeq, executionSeq: asked.executionSeq ?? 0 });
  }
  const { firing, place = 0 } = asked;
  return pipe(
    steward.firing(firing),
    TE.flatMap((tasks) =>
      TE.fromNullable<CliError>({ _tag: 'TaskNotFound', task: place === 0 ? firing : `${firing}.${place}` })(
        tasks.find(({ executionSeq }) => firingPlaceOf(executionSeq) === place),
      ),
    ),
  );
};

const showOutput = (
  { terminal, given, options, program: { clock } }: Invocation,
  steward: Steward,
  task: TaskId,
): TE.TaskEither<CliError, ExitCode> =>
  steps(async ({ run, fail }) => {
    const asked = given.number('attempt');
    const first = await run(steward.output(task, asked === undefined ? {} : { attempt: asked }));
    const { attempt } = first;
    if (asked !== undefined && asked > Math.max(1, first.task.attempts)) {
      return fail(usage(`task ${printTaskId(task)} has had ${first.task.attempts} attempts`));
    }
    let shown = 0;
    const show = async (lines: readonly OutputLine[]): Promise<boolean> => {
      const fresh = lines.filter(({ number }) => number > shown);
      shown = fresh.at(-1)?.number ?? shown;
      return options.json || (await terminal.writeOut(inLines(fresh.map(renderOutputLine))));
    };
    let last = first;
    for (let isRead = await show(first.lines); given.flag('follow'); isRead = await show(last.lines)) {
      if (!isRead || !isGoingOn(last) || terminal.interrupt.aborted) break;
      await clock.sleep(PAUSE, terminal.interrupt);
      last = await run(steward.output(task, { attempt }));
    }
    if (options.json) await writeJson(terminal, outputDocument(last));
    else if (last.lines.length === 0) terminal.writeErr(`pond: ${nothingSaid(last)}\n`);
    return EXIT.done;
  });

/** Tells whether the attempt may still say something: it has not ended, nor has another one begun. */
const isGoingOn = ({ task, attempt }: TaskOutput): boolean => isUnfinished(task) && task.attempts <= attempt;

const nothingSaid = ({ task, attempt, attempts }: TaskOutput): string => {
  const others = attempts.filter((one) => one !== attempt);
  const kept = others.length === 0 ? '' : `; kept are those of the attempts ${others.join(', ')}`;
  return `attempt ${attempt} of task ${printTaskId(task)} has said nothing, or it is kept no longer${kept}`;
};
