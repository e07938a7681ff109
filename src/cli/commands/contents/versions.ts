import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { versionDocument } from '../../../documents/entry-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { CommandDefinition } from '../../command.js';
import { pondPath } from '../../line/pond-paths.js';
import { inLines, writeResult } from '../../output.js';
import { declareAt } from '../../pond/read-at.js';
import { readPond } from '../../pond/read-pond.js';
import { renderVersions } from '../../render/render-entries.js';

export const command: CommandDefinition = {
  declare: (command) => {
    declareAt(command.argument('<path>', 'a file, table, series or dynamic node'));
  },
  examples: [
    ['versions /in/data.csv', 'version, transaction, time, size and digest, oldest first'],
    ['cat /in/data.csv --version 1', 'the content of one of them'],
  ],
  run: (invocation) =>
    pipe(
      pondPath(invocation.given.operands[0]),
      TE.flatMap((path) => readPond(invocation, 'versions', ({ fs }) => fs.versions(path))),
      TE.flatMap((versions) =>
        writeResult(invocation, {
          json: () => versions.map(versionDocument),
          text: () => inLines(renderVersions(printableDeep(versions))),
        }),
      ),
    ),
};
