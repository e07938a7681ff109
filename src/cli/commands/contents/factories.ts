import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printableDeep } from '../../../domain/documents/printable.js';
import type { CommandDefinition } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderColumns } from '../../words/render-columns.js';

export const command: CommandDefinition = {
  declare: () => undefined,
  examples: [
    ['factories', 'built-in ones and those of the modules in the settings'],
    ['factories --factories ./mine.js', 'with those of a module'],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => steward.factories()),
      TE.map((factories) => factories.list()),
      TE.flatMap((factories) =>
        writeResult(invocation, {
          json: () =>
            factories.map(({ name, description, kind, modes }) => ({ name, description, kind, modes })),
          text: () =>
            inLines(
              renderColumns(
                printableDeep(factories).map(({ name, kind, modes, description }) => [
                  name,
                  kind,
                  modes.join(', ') || '-',
                  description,
                ]),
              ),
            ),
        }),
      ),
    ),
};
