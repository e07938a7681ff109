import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { InvalidPath } from '../../../domain/paths/pond-path.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { Entry, Matches, PondReader } from '../../../tinyfs/tinyfs.js';
import type { Invocation } from '../../command.js';
import { looksLikePattern } from '../../copy/outgoing-files.js';
import type { CliError } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { pondPath } from '../../line/pond-paths.js';
import { readPond } from '../../pond/read-pond.js';
import { entryList } from '../../render/entry-list.js';
import { warnOfUnreadable } from '../../words/warn-of-unreadable.js';

export const LONG = ['-l, --long', 'type, size, version, transaction, time and factory, too'] as const;

/** Hands entries to whoever shows them; false, or a promise of it, from there ends the search. */
export type Choose = (
  fs: PondReader,
  take: (entry: Entry) => unknown,
) => TE.TaskEither<TinyFsError, Matches['unreadable']>;

/**
 * Shows the entries that `choose` finds in the state that the command is about, one path a line or, with `-l`, in columns,
 * as they are found: there may be millions.
 */
export const listEntries = (invocation: Invocation, choose: Choose): TE.TaskEither<CliError, ExitCode> => {
  const { options, terminal, given } = invocation;
  const list = entryList(terminal, options.json ? 'json' : given.flag('long') ? 'columns' : 'paths');
  return pipe(
    readPond(invocation, 'list', ({ fs }) => choose(fs, list.add)),
    TE.tapIO((unreadable) => () => warnOfUnreadable(terminal, { unreadable })),
    TE.tapTask(() => list.end),
    TE.map(() => EXIT.done),
  );
};

/** A wrong path is wrong usage, and said before the pond is opened. */
export const checkedPattern = (pattern: string): TE.TaskEither<InvalidPath, string> =>
  looksLikePattern(pattern) ? TE.right(pattern) : pondPath(pattern);

/** The entry at an exact path, a symlink as itself. */
export const itself =
  (path: string): Choose =>
  (fs, take) =>
    pipe(
      fs.lstat(path),
      TE.flatMap((entry) => handOver([entry], take)),
    );

/** The entries of a directory, also behind a symlink. */
export const contentsOf =
  (path: string): Choose =>
  (fs, take) =>
    pipe(
      fs.list(path),
      TE.flatMap((entries) => handOver(entries, take)),
    );

const handOver = (
  entries: readonly Entry[],
  take: (entry: Entry) => unknown,
): TE.TaskEither<never, readonly []> =>
  TE.rightTask(async () => {
    for (const entry of entries) {
      const taken = take(entry);
      if (taken instanceof Promise && (await taken) === false) break;
    }
    return [];
  });
