import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { remoteDocument } from '../../../documents/status-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { CommandDefinition } from '../../command.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { remoteRow } from '../../words/remote-lag.js';
import { renderColumns } from '../../words/render-columns.js';

export const command: CommandDefinition = {
  declare: () => undefined,
  examples: [['remote list', 'name, address, and how many commits were not pushed yet']],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => steward.status()),
      TE.flatMap(({ remotes }) =>
        writeResult(invocation, {
          json: () => ({ remotes: remotes.map(remoteDocument) }),
          text: () => inLines(renderColumns(printableDeep(remotes).map(remoteRow))),
        }),
      ),
    ),
};
