import { type Either, mapLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InvalidPath, type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';
import type { TinyFsError } from '../errors.js';
import type { Tree } from '../tree/tree.js';
import { isDirectory } from './children.js';
import { entryAt } from './entry.js';
import { find } from './resolve-path.js';

/** Reads a path, absolute or relative to a working directory. */
export const parsePath =
  (workingDirectory: PondPath) =>
  (text: string): Either<InvalidPath, PondPath> =>
    pipe(
      parsePondPath(
        typeof text !== 'string' || text === '' || text.startsWith('/')
          ? text
          : `${workingDirectory}/${text}`,
      ),
      mapLeft((invalid) => ({ ...invalid, path: String(text) })),
    );

/** A path that can be a working directory: a directory is there, perhaps behind a symlink. */
export const enterDirectory = (tree: Tree, path: PondPath): TE.TaskEither<TinyFsError, PondPath> =>
  pipe(
    find(tree, path, 'follow'),
    TE.flatMap((location) =>
      isDirectory(location)
        ? TE.right(path)
        : pipe(
            entryAt(tree, location, path),
            TE.flatMap(({ entryType }) => TE.left<TinyFsError>({ _tag: 'NotADirectory', path, entryType })),
          ),
    ),
  );
