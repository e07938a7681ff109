import { resolve } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { OpenOptions, Steward } from '../../steward/steward.js';
import type { Invocation } from '../command.js';
import { type CliError, usage } from '../errors.js';

/** The pond's directory: `--pond`, else `$POND`. */
export const pondDirectory = ({ terminal, options }: Invocation): TE.TaskEither<CliError, string> => {
  const named = options.pond ?? terminal.environment.POND ?? '';
  return named === ''
    ? TE.left(usage('no pond was named', 'set $POND to the directory of your pond, or give --pond DIR'))
    : TE.right(resolve(terminal.workingDirectory, named));
};

/** Directories of the ponds that are named one after another, else the one that every command takes. */
export const pondDirectories = (invocation: Invocation): TE.TaskEither<CliError, readonly string[]> => {
  const { given, terminal } = invocation;
  return given.operands.length === 0
    ? pipe(
        pondDirectory(invocation),
        TE.map((directory) => [directory]),
      )
    : TE.right([...new Set(given.operands.map((name) => resolve(terminal.workingDirectory, name)))]);
};

export const openOptions = ({ options, cliArgs }: Invocation): OpenOptions => ({
  postCommit: options.postCommit,
  gates: options.gates,
  trust: options.trust,
  ...(options.tasks === undefined ? {} : { tasks: options.tasks }),
  ...(options.lockTimeoutMs === undefined ? {} : { lockTimeoutMs: options.lockTimeoutMs }),
  ...(options.taskWaitMs === undefined ? {} : { taskWaitMs: options.taskWaitMs }),
  factoryModules: options.factories,
  cliArgs,
});

/** Opens the pond, uses it, and closes it whatever happens. */
export const withPond =
  <A>(use: (steward: Steward) => TE.TaskEither<CliError, A>) =>
  (invocation: Invocation): TE.TaskEither<CliError, A> =>
    TE.bracket(
      pipe(
        pondDirectory(invocation),
        TE.flatMap((directory) => invocation.program.open(directory, openOptions(invocation))),
      ),
      use,
      (steward) => steward.close(),
    );
