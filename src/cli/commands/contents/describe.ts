import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { entryDocument } from '../../../documents/entry-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { CommandDefinition } from '../../command.js';
import { pondPath } from '../../line/pond-paths.js';
import { inLines, writeResult } from '../../output.js';
import { declareAt } from '../../pond/read-at.js';
import { readPond } from '../../pond/read-pond.js';
import { renderEntry } from '../../render/render-entries.js';

export const command: CommandDefinition = {
  declare: (command) => {
    declareAt(command.argument('<path>', 'an entry; a symlink is described itself'));
  },
  examples: [['describe /in/data.csv', 'type, size, version, digest ...']],
  run: (invocation) =>
    pipe(
      pondPath(invocation.given.operands[0]),
      TE.flatMap((path) => readPond(invocation, 'describe', ({ fs }) => fs.lstat(path))),
      TE.flatMap((entry) =>
        writeResult(invocation, {
          json: () => entryDocument(entry),
          text: () => inLines(renderEntry(printableDeep(entry))),
        }),
      ),
    ),
};
