import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { fromNames, namesOf, type PondPath, parentOf } from '../../domain/paths/pond-path.js';
import type { WriteTransaction } from '../../steward/steward.js';
import type { Invocation } from '../command.js';
import { type CliError, usage } from '../errors.js';
import type { ExitCode } from '../exit-codes.js';
import { incomingContent, orFailureOf } from '../pond/host-content.js';
import { writePond } from '../pond/write-pond.js';
import { type Progress, startProgress } from '../words/progress.js';
import type { CopyIn } from './direction.js';
import { type IncomingFile, type InspectedSource, inspectSource } from './incoming-files.js';

/** Copies files of the host into the pond: all sources in one transaction, their contents streamed. */
export const copyIn = (invocation: Invocation, copy: CopyIn): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    copy.sources,
    TE.traverseSeqArray(inspectSource(invocation.program.files, copy)),
    TE.tap((sources) => TE.fromIO(() => warnOfPassedOver(invocation, sources))),
    TE.flatMap((sources) => {
      const sizes = sources.flatMap(({ files }) => files.map(({ size }) => size));
      const total = sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
      const progress = startProgress(invocation.terminal, invocation.program.clock, {
        label: 'copying',
        total,
      });
      return pipe(
        writePond(invocation, 'copy', (transaction) =>
          pipe(
            placesOf(transaction, copy, sources),
            TE.flatMap(
              TE.traverseSeqArray((place) => putSource(invocation, transaction, { ...place, progress })),
            ),
            // Before the post-commit tasks run and write their own lines.
            TE.tapIO(() => progress.end),
          ),
        ),
        TE.tapError(() => TE.fromIO(progress.end)),
      );
    }),
  );

const warnOfPassedOver = ({ terminal }: Invocation, sources: readonly InspectedSource[]): void => {
  for (const path of sources.flatMap(({ passedOver }) => passedOver)) {
    terminal.writeErr(`pond: warning: ${path} is not a regular file and is not copied\n`);
  }
};

interface Place {
  readonly source: InspectedSource;
  /** Where the source itself goes. */
  readonly target: PondPath;
}

/** Copies into the target by the sources' names when it is a directory, or was written as one; else onto the target. */
const placesOf = (
  { fs }: WriteTransaction,
  copy: CopyIn,
  sources: readonly InspectedSource[],
): TE.TaskEither<CliError, readonly Place[]> =>
  pipe(
    copy.intoDirectory ? TE.right(true) : isDirectory(fs, copy.target),
    TE.flatMap((into): TE.TaskEither<CliError, readonly Place[]> => {
      if (!into) return TE.right(sources.map((source) => ({ source, target: copy.target })));
      const names = sources.map(({ name }) => name);
      const twice = names.find((name, index) => names.indexOf(name) < index);
      if (twice !== undefined)
        return TE.left(usage(`two sources have the name ${twice}`, 'copy them one by one'));
      if (names.includes('')) {
        return TE.left(
          usage(`${copy.target} is a directory, and the source has no name`, 'name the file to write'),
        );
      }
      return TE.right(sources.map((source) => ({ source, target: within(copy.target, [source.name]) })));
    }),
  );

const isDirectory = (fs: WriteTransaction['fs'], path: PondPath): TE.TaskEither<CliError, boolean> =>
  pipe(
    fs.stat(path),
    TE.map(({ entryType }) => entryType === 'directory'),
    TE.orElse((error) => (error._tag === 'PathNotFound' ? TE.right(false) : TE.left(error))),
  );

const putSource = (
  invocation: Invocation,
  transaction: WriteTransaction,
  { source, target, progress }: Place & { readonly progress: Progress },
): TE.TaskEither<CliError, unknown> =>
  pipe(
    source.directories,
    TE.traverseSeqArray((names) => transaction.fs.mkdirAll(within(target, names))),
    TE.flatMap(() =>
      source.directories.length > 0 ? TE.right(true) : transaction.fs.mkdirAll(parentOf(target)),
    ),
    TE.flatMap(() =>
      pipe(
        source.files,
        TE.traverseSeqArray((file) => putFile(invocation, transaction, { file, target, progress })),
      ),
    ),
  );

const putFile = (
  { terminal, program }: Invocation,
  { fs }: WriteTransaction,
  { file, target, progress }: { file: IncomingFile; target: PondPath; progress: Progress },
): TE.TaskEither<CliError, unknown> => {
  const { hostPath, entryType, series } = file;
  const content = incomingContent({
    bytes: hostPath === null ? terminal.stdin : program.files.streamFile(hostPath),
    path: hostPath ?? 'standard input',
    signal: terminal.interrupt,
    onBytes: progress.advance,
  });
  const path = within(target, file.names);
  return pipe(
    entryType === 'series'
      ? fs.appendToSeries(path, content.stream, series)
      : fs.write(path, content.stream, { entryType }),
    TE.mapLeft(orFailureOf(content)),
  );
};

const within = (directory: PondPath, names: readonly string[]): PondPath =>
  fromNames([...namesOf(directory), ...names]);
