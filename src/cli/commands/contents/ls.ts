import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { looksLikePattern } from '../../copy/outgoing-files.js';
import { declareAt } from '../../pond/read-at.js';
import { type Choose, checkedPattern, contentsOf, itself, LONG, listEntries } from './list-entries.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[directory]', 'what is in it; of anything else, the entry; of a pattern, what matches', '/')
      .option(...LONG)
      .option('-d, --directory', 'the entry of the directory itself');
    declareAt(command);
  },
  examples: [
    ['ls', 'what is in /'],
    ['ls -l /in', 'what is in /in, with type, size and time'],
    ['ls -d /in', 'the directory itself'],
  ],
  run: (invocation) => {
    const path = invocation.given.operands[0] ?? '/';
    const asItself = invocation.given.flag('directory');
    return pipe(
      checkedPattern(path),
      TE.flatMap(() => listEntries(invocation, asItself ? itself(path) : shown(path))),
    );
  },
};

const shown = (path: string): Choose =>
  looksLikePattern(path)
    ? (fs, take) => fs.eachMatch(path, take)
    : (fs, take) =>
        pipe(
          contentsOf(path)(fs, take),
          TE.orElse((error) =>
            error._tag === 'NotADirectory' && !path.endsWith('/') ? itself(path)(fs, take) : TE.left(error),
          ),
        );
