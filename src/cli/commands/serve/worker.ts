import { InvalidArgumentError, Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { DEFAULT_QUEUE, QueueCodec } from '../../../domain/plans/task-place.js';
import { printable } from '../../../domain/text/printable.js';
import { DEFAULT_CONCURRENCY } from '../../../serve/taking.js';
import type { CommandDefinition } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { commaList, wholeNumber } from '../../option-values.js';
import { writeResult } from '../../output.js';
import { openOptions, pondDirectories } from '../../pond/with-pond.js';

/** Tasks that one process may be told to run at a time: more are a mistyped number, and no machine has the room. */
const MOST = 10_000;

const tasksSideBySide = (text: string): number => {
  const count = wholeNumber(text);
  if (count <= MOST) return count;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MOST}.`);
};

/** Names of queues; one that no entry can say would be waited at for ever. */
const queueNames = (text: string, before?: readonly string[]): readonly string[] => {
  const names = commaList(text, before);
  const wrong = names.find((name) => !QueueCodec.is(name));
  if (wrong === undefined) return names;
  throw new InvalidArgumentError(
    `Expected names of queues between commas (letters, digits, ".", "_" and "-"), got ${JSON.stringify(wrong)}.`,
  );
};

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[address...]', 'ponds to work for; default: --pond, $POND')
      .addOption(
        new Option(
          '--concurrency <count>',
          `tasks side by side, at most; default: ${DEFAULT_CONCURRENCY}`,
        ).argParser(tasksSideBySide),
      )
      .addOption(
        new Option(
          '--queues <names>',
          'queues to take tasks of, between commas; any is that of tasks that say none; default: any',
        ).argParser(queueNames),
      )
      .option('--drain', 'end when there is nothing more to take');
  },
  examples: [
    [
      'worker --pond s3://bucket/prefix',
      'run tasks of a pond that many machines share, until it is interrupted',
    ],
    ['worker --queues any,gpu --concurrency 16', 'sixteen side by side, those that say queue: gpu, too'],
    ['worker --drain', 'run what is there, and end'],
  ],
  untilInterrupted: true,
  run: (invocation) => {
    const { terminal, program, given } = invocation;
    const queues = given.list('queues');
    const drain = given.flag('drain');
    const taking = {
      concurrency: given.number('concurrency') ?? DEFAULT_CONCURRENCY,
      queues: queues.length === 0 ? [DEFAULT_QUEUE] : queues,
      drain,
      onFirst: () => terminal.worksForLong?.(),
    };
    return pipe(
      pondDirectories(invocation),
      TE.flatMap((ponds) => {
        const onReady = (): void => {
          for (const pond of ponds) terminal.writeErr(`pond: ${printable(`working for ${pond}`)}\n`);
        };
        return pipe(
          program.takeTasks(ponds, openOptions(invocation), taking, { signal: terminal.interrupt, onReady }),
          TE.flatMap(({ done, failed }) =>
            writeResult(
              invocation,
              { json: () => ({ ponds, done, failed }), text: () => '' },
              drain && terminal.interrupt.aborted
                ? EXIT.interrupted
                : drain && failed > 0
                  ? EXIT.tasksFailed
                  : EXIT.done,
            ),
          ),
        );
      }),
    );
  },
};
