import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printable, printableDeep } from '../../../domain/documents/printable.js';
import { type InvalidPath, parsePondPath } from '../../../domain/paths/pond-path.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { Matches, PondReader } from '../../../tinyfs/tinyfs.js';
import type { CommandDefinition } from '../../command.js';
import { looksLikePattern } from '../../copy/outgoing-files.js';
import { entryDocument } from '../../documents/entry-document.js';
import { inLines, writeResult } from '../../output.js';
import { declareAt } from '../../pond/read-at.js';
import { readPond } from '../../pond/read-pond.js';
import { renderEntries } from '../../render/render-entries.js';
import { warnOfUnreadable } from '../../words/warn-of-unreadable.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[pattern]', 'a path, a path with / behind it for what is in it, or a pattern', '**/*')
      .option('-l, --long', 'type, size, version, transaction, time and factory, too');
    declareAt(command);
  },
  examples: [
    ['list', 'everything'],
    ['list -l /in/', 'what is in /in'],
    ["list '/sensors/**/*.csv' --at 42", 'files as they were after transaction 42'],
  ],
  run: (invocation) => {
    const pattern = invocation.given.operands[0] ?? '**/*';
    return pipe(
      TE.fromEither(checkedPattern(pattern)),
      TE.flatMap(() => readPond(invocation, 'list', ({ fs }) => matching(fs, pattern))),
      TE.tapIO((matches) => () => warnOfUnreadable(invocation.terminal, matches)),
      TE.flatMap(({ entries }) =>
        writeResult(invocation, {
          json: () => entries.map(entryDocument),
          text: () =>
            inLines(
              invocation.given.flag('long')
                ? renderEntries(printableDeep(entries))
                : entries.map(({ path }) => printable(path)),
            ),
        }),
      ),
    );
  },
};

const checkedPattern = (pattern: string): E.Either<InvalidPath, string> =>
  looksLikePattern(pattern) ? E.right(pattern) : parsePondPath(pattern);

/** An exact path shows its entry, a symlink as itself; it must be there, while a pattern may match nothing. */
const matching = (fs: PondReader, pattern: string): TE.TaskEither<TinyFsError, Matches> => {
  if (looksLikePattern(pattern)) {
    return fs.collectMatches(pattern.endsWith('/') ? `${pattern}*` : pattern);
  }
  const entries = pattern.endsWith('/')
    ? fs.list(pattern)
    : pipe(
        fs.lstat(pattern),
        TE.map((entry) => [entry]),
      );
  return pipe(
    entries,
    TE.map((found) => ({ entries: found, unreadable: [] })),
  );
};
