import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('<name>');
  },
  examples: [['remote probe backup', '16 writers of one new object: exactly one must win']],
  run: (invocation) => {
    const { given, terminal } = invocation;
    const name = given.operands[0] ?? '';
    return pipe(
      invocation,
      withPond((steward) => steward.probeRemote(name, { signal: terminal.interrupt })),
      TE.flatMap(() =>
        writeResult(invocation, {
          json: () => ({ name, conditions: 'heeded' }),
          text: () => inLines([`${name}: of 16 writers of one object exactly one won: it can be pushed to`]),
        }),
      ),
    );
  },
};
