import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { pondPaths } from '../../line/pond-paths.js';
import { writePond } from '../../pond/write-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<path...>', 'directories to make; existing ones are fine')
      .option('-p, --parents', 'make missing parents');
  },
  examples: [
    ['mkdir /in', 'one directory'],
    ['mkdir -p /in/sensors/north', 'with all directories on the way'],
  ],
  run: (invocation) =>
    pipe(
      pondPaths(invocation.given.operands),
      TE.flatMap((paths) =>
        writePond(invocation, 'mkdir', ({ fs }) =>
          TE.traverseSeqArray(invocation.given.flag('parents') ? fs.mkdirAll : fs.mkdir)(paths),
        ),
      ),
    ),
};
