import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { ROOT } from '../../../domain/paths/pond-path.js';
import type { CommandDefinition } from '../../command.js';
import { pondPaths } from '../../line/pond-paths.js';
import { checkPlaced } from '../../pond/check-entry.js';
import { writePond } from '../../pond/write-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<from>', 'what to move; a symlink is moved itself')
      .argument('<to>', 'its new path, or an existing directory that takes it in');
  },
  examples: [
    ['mv /in/data.csv /in/2026.csv', 'another name'],
    ['mv /in/data.csv /archive', 'into the directory /archive'],
  ],
  run: (invocation) =>
    pipe(
      pondPaths(invocation.given.operands),
      TE.flatMap(([from = ROOT, to = ROOT]) =>
        writePond(invocation, 'mv', (transaction) =>
          pipe(
            transaction.fs.rename(from, to),
            TE.tap(() => checkPlaced(invocation.terminal, transaction, from, to)),
          ),
        ),
      ),
    ),
};
