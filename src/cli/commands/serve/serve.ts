import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printable } from '../../../domain/documents/printable.js';
import type { WorkDone } from '../../../serve/pond-job.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import type { ExitCode } from '../../exit-codes.js';
import { writeResult } from '../../output.js';
import { openOptions, pondDirectories } from '../../pond/with-pond.js';
import { systemdUnit } from '../../serve/systemd-unit.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[dir...]', 'ponds to serve; default: --pond, $POND')
      .option('--print-unit', 'print a unit for systemd that does this, and end');
  },
  examples: [
    ['serve', 'run in the background what follows commits, until it is interrupted'],
    ['serve /srv/weather /srv/water', 'the same for two ponds'],
    ['serve --print-unit > ~/.config/systemd/user/pond.service', 'a unit for systemd'],
  ],
  untilInterrupted: true,
  run: (invocation) =>
    pipe(
      pondDirectories(invocation),
      TE.flatMap((directories) =>
        invocation.given.flag('printUnit')
          ? printUnit(invocation, directories)
          : serveUntilInterrupted(invocation, directories),
      ),
    ),
};

const printUnit = (
  invocation: Invocation,
  directories: readonly string[],
): TE.TaskEither<never, ExitCode> => {
  const unit = systemdUnit({ program: invocation.terminal.executable ?? ['pond'], directories, options: [] });
  return writeResult(invocation, { json: () => ({ unit }), text: () => unit });
};

const serveUntilInterrupted = (invocation: Invocation, directories: readonly string[]) => {
  const { terminal, program } = invocation;
  const onReady = (says: readonly string[]): void => {
    for (const line of [...directories.map((directory) => `serving ${directory}`), ...says]) {
      terminal.writeErr(`pond: ${printable(line)}\n`);
    }
  };
  return pipe(
    program.serve(directories, openOptions(invocation), { signal: terminal.interrupt, onReady }),
    TE.flatMap((done) =>
      writeResult(invocation, {
        json: () => workDocument(directories, done),
        text: () => '',
      }),
    ),
  );
};

const workDocument = (directories: readonly string[], { done, failed }: WorkDone) => ({
  ponds: directories,
  ...{ done, failed },
});
