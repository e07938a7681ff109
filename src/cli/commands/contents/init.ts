import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { reportWrite } from '../../pond/report-write.js';
import { openOptions, pondDirectory } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.option(
      '--birthplace <text>',
      'where the pond was made, kept with its identity; default: this host',
    );
  },
  examples: [
    ['init --pond ~/pond', 'a new pond in ~/pond'],
    ['init --birthplace lab-3', 'a new pond in $POND that says where it comes from'],
  ],
  run: (invocation) => {
    const birthplace = invocation.given.text('birthplace');
    return pipe(
      pondDirectory(invocation),
      TE.flatMap((directory) =>
        invocation.program.init(directory, {
          ...openOptions(invocation),
          ...(birthplace === undefined ? {} : { birthplace }),
        }),
      ),
      TE.flatMap(reportWrite(invocation)),
    );
  },
};
