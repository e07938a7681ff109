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
      .argument(
        '<from>',
        'what to copy inside the pond, a directory with all that is in it; a symlink itself',
      )
      .argument(
        '<to>',
        'its path, an existing directory that takes it in, or a file that gets a new version',
      );
  },
  examples: [
    ['cp /in/data.csv /archive/2026.csv', 'a second file with the same content; no bytes are copied'],
    ['cp /in /archive', 'a directory into /archive'],
  ],
  run: (invocation) =>
    pipe(
      pondPaths(invocation.given.operands),
      TE.flatMap(([from = ROOT, to = ROOT]) =>
        writePond(invocation, 'cp', (transaction) =>
          pipe(
            transaction.fs.copy(from, to),
            TE.tap(() => checkPlaced(invocation.terminal, transaction, from, to)),
          ),
        ),
      ),
    ),
};
