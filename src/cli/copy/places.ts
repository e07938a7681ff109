import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { fromNames, namesOf, type PondPath } from '../../domain/paths/pond-path.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import { type CliError, usage } from '../errors.js';
import type { CopyIn } from './direction.js';
import type { IncomingFile, InspectedSource } from './incoming-files.js';

/** A source of a copy, and where it goes. */
export interface Place {
  readonly source: InspectedSource;
  /** Path that the source itself goes to. */
  readonly target: PondPath;
}

/** Copies into the target by the sources' names when it is a directory, or was written as one; else onto the target. */
export const placesOf = (
  fs: Pick<PondReader, 'stat'>,
  copy: CopyIn,
  sources: readonly InspectedSource[],
): TE.TaskEither<CliError, readonly Place[]> =>
  pipe(
    copy.intoDirectory ? TE.right(true) : isDirectory(fs, copy.target),
    TE.flatMap((into): TE.TaskEither<CliError, readonly Place[]> => {
      // A tree that is copied again goes where it went before, and not into itself.
      const isSameTree = sources.length === 1 && sources[0]?.isTree === true && !copy.intoDirectory;
      if (!into || isSameTree) return TE.right(sources.map((source) => ({ source, target: copy.target })));
      const names = sources.map(nameInPond);
      const twice = names.find((name, index) => names.indexOf(name) < index);
      if (twice !== undefined)
        return TE.left(usage(`two sources have the name ${twice}`, 'copy them one by one'));
      if (names.includes('')) {
        return TE.left(
          usage(`${copy.target} is a directory, and the source has no name`, 'name the file to write'),
        );
      }
      return TE.right(
        sources.map((source) => ({ source, target: within(copy.target, [nameInPond(source)]) })),
      );
    }),
  );

const nameInPond = ({ name, isTree, files }: InspectedSource): string =>
  isTree ? name : (files[0]?.rows?.name ?? name);

const isDirectory = (fs: Pick<PondReader, 'stat'>, path: PondPath): TE.TaskEither<CliError, boolean> =>
  pipe(
    fs.stat(path),
    TE.map(({ entryType }) => entryType === 'directory'),
    TE.orElse((error) => (error._tag === 'PathNotFound' ? TE.right(false) : TE.left(error))),
  );

/** Rows become Parquet under a name that says so, in a directory. */
export const namesInPond = ({ names, rows }: IncomingFile): readonly string[] =>
  rows === null || names.length === 0 ? names : [...names.slice(0, -1), rows.name];

export const within = (directory: PondPath, names: readonly string[]): PondPath =>
  fromNames([...namesOf(directory), ...names]);
