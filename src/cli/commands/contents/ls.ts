import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { Matches, PondReader } from '../../../tinyfs/tinyfs.js';
import type { CommandDefinition } from '../../command.js';
import { looksLikePattern } from '../../copy/outgoing-files.js';
import { declareAt } from '../../pond/read-at.js';
import { checkedPattern, contentsOf, itself, LONG, listEntries } from './list-entries.js';

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
      TE.flatMap(() => listEntries(invocation, (fs) => (asItself ? itself(fs, path) : shown(fs, path)))),
    );
  },
};

const shown = (fs: PondReader, path: string): TE.TaskEither<TinyFsError, Matches> =>
  looksLikePattern(path)
    ? fs.collectMatches(path)
    : pipe(
        contentsOf(fs, path),
        TE.orElse((error) =>
          error._tag === 'NotADirectory' && !path.endsWith('/') ? itself(fs, path) : TE.left(error),
        ),
      );
