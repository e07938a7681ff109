import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type PondPath, ROOT } from '../../domain/paths/pond-path.js';
import type { LoadDynamicNode } from '../dynamic-nodes.js';
import type { PersistenceView } from '../persistence.js';
import type { SeriesFormat } from '../series-format.js';
import type { PondReader } from '../tinyfs.js';
import { createTree, type Tree } from '../tree/tree.js';
import { readingOf } from './reading.js';
import { enterDirectory, parsePath } from './working-directory.js';

/**
 * The filesystem of one snapshot. What it returns has no way to write, neither by type nor at run time.
 *
 * @example
 * const reader = createReader(view, loadDynamicNode);
 * const listed = await reader.list('/')();
 */
export const createReader = (
  view: PersistenceView,
  loadDynamicNode: LoadDynamicNode,
  seriesFormat: SeriesFormat | null = null,
): PondReader => readerOf(createTree(view, loadDynamicNode, seriesFormat));

/** The same on a tree that is looked into otherwise, too. */
export const readerOf = (tree: Tree): PondReader => readerIn(tree, ROOT);

const readerIn = (tree: Tree, workingDirectory: PondPath): PondReader =>
  Object.freeze({
    ...readingOf(tree, workingDirectory),
    withWorkingDirectory: (text: string) =>
      pipe(
        TE.fromEither(parsePath(workingDirectory)(text)),
        TE.flatMap((path) => enterDirectory(tree, path)),
        TE.map((path) => readerIn(tree, path)),
      ),
  });
