import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { reportWrite } from '../../pond/report-write.js';
import { withPond } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('<name>');
  },
  examples: [['remote remove backup', 'the pond is no longer pushed there; what lies there stays']],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) =>
        pipe(steward.removeRemote(invocation.given.operands[0] ?? ''), TE.flatMap(reportWrite(invocation))),
      ),
    ),
};
