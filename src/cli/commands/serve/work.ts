import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { writeResult } from '../../output.js';
import { openOptions, pondDirectories } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[dir...]', 'ponds to work on; default: --pond, $POND')
      .option('--once', 'end when there is nothing more to do now');
  },
  examples: [
    ['work --once', 'run what is pending and due now: for a line of cron'],
    ['work', 'do so until it is interrupted, without a server'],
  ],
  untilInterrupted: true,
  run: (invocation) => {
    const { terminal, program, given } = invocation;
    const signal = terminal.interrupt;
    const options = openOptions(invocation);
    return pipe(
      pondDirectories(invocation),
      TE.flatMap((directories) =>
        pipe(
          given.flag('once')
            ? program.work(directories, options, { signal })
            : program.serve(directories, options, { signal, onReady: () => undefined, http: null }),
          TE.flatMap(({ done, failed }) =>
            writeResult(
              invocation,
              { json: () => ({ ponds: directories, done, failed }), text: () => '' },
              given.flag('once') ? exitCodeOnce(failed, signal) : EXIT.done,
            ),
          ),
        ),
      ),
    );
  },
};

const exitCodeOnce = (failed: number, { aborted }: AbortSignal): ExitCode => {
  if (aborted) return EXIT.interrupted;
  return failed > 0 ? EXIT.tasksFailed : EXIT.done;
};
