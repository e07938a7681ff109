import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { usage } from '../../errors.js';
import { pondPaths } from '../../line/pond-paths.js';
import { wholeNumber } from '../../option-values.js';
import { writePond } from '../../pond/write-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<path...>', 'what to remove, all of it in one transaction; a symlink is removed itself')
      .option('-r, --recursive', 'directories with all that is in them')
      .addOption(
        new Option('--version <number>', 'of a series this version only, from now on').argParser(wholeNumber),
      );
  },
  examples: [
    ['rm /in/old.csv', 'one file; older transactions still show it'],
    ['rm /sensors/north --version 7', 'a bad version of a series; pond versions lists them'],
    ['rm -r /in/2023 /in/2024', 'two directories'],
  ],
  run: (invocation) => {
    const recursive = invocation.given.flag('recursive');
    const version = invocation.given.number('version');
    if (version !== undefined && (recursive || invocation.given.operands.length > 1))
      return TE.left(
        usage('--version takes a version out of one series', 'pond rm /sensors/north --version 7'),
      );
    return pipe(
      pondPaths(invocation.given.operands),
      TE.flatMap((paths) =>
        writePond(invocation, 'rm', ({ fs }) =>
          TE.traverseSeqArray((path: string) =>
            version === undefined ? fs.remove(path, { recursive }) : fs.removeVersion(path, version),
          )(paths),
        ),
      ),
    );
  },
};
