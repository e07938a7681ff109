import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Promotion } from '../../../steward/shapes/remote-reports.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { placeNamed, withPond } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('[directory]', 'the pond; default: that of --pond or $POND');
  },
  examples: [['promote ~/replica', 'the replica becomes a pond that takes writes, in a new incarnation']],
  run: (invocation) =>
    pipe(
      named(invocation),
      withPond((steward) => steward.promote({ signal: invocation.terminal.interrupt })),
      TE.flatMap(({ was, incarnation }) =>
        writeResult(invocation, {
          json: () => ({ was, incarnation }),
          text: () => inLines([WORDS[was]]),
        }),
      ),
    ),
};

const named = (invocation: Invocation): Invocation => {
  const [directory] = invocation.given.operands;
  return directory === undefined
    ? invocation
    : {
        ...invocation,
        options: { ...invocation.options, pond: placeNamed(invocation.terminal, directory) },
      };
};

const WORDS: Readonly<Record<Promotion['was'], string>> = {
  replica: 'it takes writes now, as a new incarnation; look that nobody writes to where it came from',
  elsewhere: 'it was written at another place before; here it goes on as a new incarnation',
  pond: 'it takes writes already',
};
