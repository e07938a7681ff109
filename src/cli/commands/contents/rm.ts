import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { pondPaths } from '../../line/pond-paths.js';
import { writePond } from '../../pond/write-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<path...>', 'what to remove, all of it in one transaction; a symlink is removed itself')
      .option('-r, --recursive', 'directories with all that is in them');
  },
  examples: [
    ['rm /in/old.csv', 'one file; older transactions still show it'],
    ['rm -r /in/2023 /in/2024', 'two directories'],
  ],
  run: (invocation) => {
    const recursive = invocation.given.flag('recursive');
    return pipe(
      pondPaths(invocation.given.operands),
      TE.flatMap((paths) =>
        writePond(invocation, 'rm', ({ fs }) =>
          TE.traverseSeqArray((path: string) => fs.remove(path, { recursive }))(paths),
        ),
      ),
    );
  },
};
