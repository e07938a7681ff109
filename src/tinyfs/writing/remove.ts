import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { Location } from '../location.js';
import { findTarget, notFound } from '../reading/resolve-path.js';
import type { Tree } from '../tree/tree.js';
import type { WritableTree } from '../tree/writable-tree.js';

type Stored = Location & { kind: 'stored' };

/** Removes an entry and, if asked to, everything below it. A symlink is removed, not what it leads to. */
export const remove = (
  tree: WritableTree,
  path: PondPath,
  recursive: boolean,
): TE.TaskEither<TinyFsError, void> =>
  steps(async (s) => {
    const { row } = await s.run(findStored(tree, path, 'remove'));
    const doomed = await s.run(rowsBelow(tree, row));
    if (doomed.length > 1 && !recursive) return s.fail({ _tag: 'DirectoryNotEmpty', path });
    removeRows(tree, doomed);
  });

/** A row and those of everything below it. */
export const rowsBelow = (tree: Tree, row: NodeRow): TE.TaskEither<TinyFsError, readonly NodeRow[]> =>
  steps(async (s) => {
    const rows: NodeRow[] = [row];
    for (const { fileType, nodeId } of rows) {
      if (fileType !== 'directory') continue;
      const { entries } = await s.run(tree.directories.get(nodeId));
      rows.push(...entries.values());
    }
    return rows;
  });

export const removeRows = (tree: WritableTree, rows: readonly NodeRow[]): void => {
  for (const row of rows) tree.drafts.put({ ...tree.drafts.of(row), place: null });
};

/** The entry at a path, to be removed, renamed or copied: a symlink as itself, and never the root. */
export const findStored = (
  tree: WritableTree,
  path: PondPath,
  call: 'remove' | 'rename' | 'copy',
): TE.TaskEither<TinyFsError, Stored> =>
  pipe(
    findTarget(tree, path, 'itself', 'entry'),
    TE.flatMap((target): TE.TaskEither<TinyFsError, Stored> => {
      if (target.kind === 'root') return TE.left({ _tag: 'RootRefused', call });
      return target.kind === 'free' ? TE.left(notFound(path, target.name)) : TE.right(target);
    }),
  );
