import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InvalidPath, type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';
import { printable } from '../../domain/text/printable.js';
import type { Entry, PondReader } from '../../tinyfs/tinyfs.js';
import type { CliError } from '../errors.js';
import type { Terminal } from '../program.js';
import { warnOfUnreadable } from '../words/warn-of-unreadable.js';

/** One file of the pond that is to be copied out. */
export interface OutgoingFile {
  readonly path: PondPath;
  readonly entry: Entry;
  /** Tells whether it was named itself, rather than matched by a pattern. */
  readonly isExact: boolean;
}

/** The files that a source means. A path that exists is meant itself, even if it could be a pattern. */
export const outgoingFiles =
  (fs: PondReader, terminal: Terminal) =>
  (source: string): TE.TaskEither<CliError, readonly OutgoingFile[]> =>
    pipe(
      // What begins without a slash can only be a pattern, or a mistake.
      TE.fromEither<InvalidPath, string>(looksLikePattern(source) ? E.right(source) : parsePondPath(source)),
      TE.flatMap((path) => fs.stat(path)),
      TE.matchE(
        (error) =>
          looksLikePattern(source) && (error._tag === 'PathNotFound' || error._tag === 'NotADirectory')
            ? matchingFiles(fs, terminal, source)
            : TE.left(error),
        (entry) => exactFile(source, entry),
      ),
    );

/** Tells whether a string has a character that means something in a pattern. */
export const looksLikePattern = (text: string): boolean => /[*?[\]{}]/.test(text);

const exactFile = (source: string, entry: Entry): TE.TaskEither<CliError, readonly OutgoingFile[]> =>
  isDirectory(entry)
    ? TE.left({ _tag: 'IsADirectory', path: entry.path })
    : pipe(
        TE.fromEither(parsePondPath(source)),
        TE.map((path) => [{ path, entry, isExact: true }]),
      );

const matchingFiles = (
  fs: PondReader,
  terminal: Terminal,
  pattern: string,
): TE.TaskEither<CliError, readonly OutgoingFile[]> =>
  pipe(
    fs.collectMatches(pattern),
    TE.tapIO((matches) => () => warnOfUnreadable(terminal, matches)),
    TE.flatMap(({ entries }) => TE.traverseSeqArray(fileBehind(fs, terminal))(entries)),
    TE.map((found) => found.flat()),
    TE.filterOrElse(
      (found) => found.length > 0,
      (): CliError => ({ _tag: 'NoMatch', pattern }),
    ),
  );

/** A matched file; nothing for a directory, or a symlink to one. A symlink that leads nowhere is warned of. */
const fileBehind =
  (fs: PondReader, terminal: Terminal) =>
  (entry: Entry): TE.TaskEither<CliError, readonly OutgoingFile[]> => {
    // A factory may give its entries any name; as paths of the pond they cannot climb out of anything.
    const asFile = (content: Entry) =>
      pipe(
        TE.fromEither(parsePondPath(entry.path)),
        TE.map((path) => [{ path, entry: content, isExact: false }]),
      );
    if (entry.entryType !== 'symlink') return isDirectory(entry) ? TE.right([]) : asFile(entry);
    return pipe(
      fs.stat(entry.path),
      TE.matchE(
        (error) => {
          if (error._tag !== 'PathNotFound' && error._tag !== 'SymlinkLoop') return TE.left(error);
          terminal.writeErr(
            `pond: warning: ${printable(entry.path)} is a symlink that leads nowhere and is not copied\n`,
          );
          return TE.right([]);
        },
        (target): TE.TaskEither<CliError, readonly OutgoingFile[]> =>
          isDirectory(target) ? TE.right([]) : asFile(target),
      ),
    );
  };

const isDirectory = ({ entryType }: Entry): boolean =>
  entryType === 'directory' || entryType === 'directory:dynamic';
