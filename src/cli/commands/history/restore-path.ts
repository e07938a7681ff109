import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../../domain/paths/pond-path.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { momentText } from '../../line/moment.js';
import { pondPaths } from '../../line/pond-paths.js';
import { STATE_WORDS, transactionAt } from '../../pond/read-at.js';
import { reportWrite } from '../../pond/report-write.js';
import { withPond } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<path...>', 'what to bring back, a directory with all that was in it')
      .requiredOption('--at <transaction>', `the state to go back to: ${STATE_WORDS}`, momentText);
  },
  examples: [
    ['restore-path /in/data.csv --at 41', 'the file as it was after transaction 41, in a new commit'],
    ['restore-path /etc --at 2026-11-20', 'the configuration of that day; what was made since is removed'],
  ],
  run: (invocation) =>
    pipe(
      pondPaths(invocation.given.operands),
      TE.flatMap((paths) =>
        pipe(
          invocation,
          withPond((steward) => restored(invocation, steward, paths)),
        ),
      ),
    ),
};

const restored = (
  invocation: Invocation,
  steward: Steward,
  paths: readonly PondPath[],
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    transactionAt(invocation, steward, invocation.given.text('at') ?? ''),
    TE.filterOrElse(
      (at) => at !== undefined,
      (): CliError => usage('--at latest is what is there already'),
    ),
    TE.flatMap((at = 0) =>
      steward.write(({ fs }) => TE.traverseSeqArray((path: PondPath) => fs.restore(path, at))(paths), {
        operation: 'restore-path',
        signal: invocation.terminal.interrupt,
      }),
    ),
    TE.flatMap(reportWrite(invocation)),
  );
