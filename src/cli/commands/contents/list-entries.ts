import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { entryDocument } from '../../../documents/entry-document.js';
import { printable, printableDeep } from '../../../domain/documents/printable.js';
import type { InvalidPath } from '../../../domain/paths/pond-path.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { Matches, PondReader } from '../../../tinyfs/tinyfs.js';
import type { Invocation } from '../../command.js';
import { looksLikePattern } from '../../copy/outgoing-files.js';
import type { CliError } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { pondPath } from '../../line/pond-paths.js';
import { inLines, writeResult } from '../../output.js';
import { readPond } from '../../pond/read-pond.js';
import { renderEntries } from '../../render/render-entries.js';
import { warnOfUnreadable } from '../../words/warn-of-unreadable.js';

export const LONG = ['-l, --long', 'type, size, version, transaction, time and factory, too'] as const;

/** Shows the entries that `choose` finds in the state that the command is about, one path a line or, with `-l`, in columns. */
export const listEntries = (
  invocation: Invocation,
  choose: (fs: PondReader) => TE.TaskEither<TinyFsError, Matches>,
): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    readPond(invocation, 'list', ({ fs }) => choose(fs)),
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

/** A wrong path is wrong usage, and said before the pond is opened. */
export const checkedPattern = (pattern: string): TE.TaskEither<InvalidPath, string> =>
  looksLikePattern(pattern) ? TE.right(pattern) : pondPath(pattern);

/** The entry at an exact path, a symlink as itself. */
export const itself = (fs: PondReader, path: string): TE.TaskEither<TinyFsError, Matches> =>
  pipe(
    fs.lstat(path),
    TE.map((entry) => ({ entries: [entry], unreadable: [] })),
  );

/** The entries of a directory, also behind a symlink. */
export const contentsOf = (fs: PondReader, path: string): TE.TaskEither<TinyFsError, Matches> =>
  pipe(
    fs.list(path),
    TE.map((entries) => ({ entries, unreadable: [] })),
  );
