import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NodeRow } from '../../domain/node-row.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { Location } from '../location.js';
import { findTarget, notFound } from '../reading/resolve-path.js';
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
    const doomed: NodeRow[] = [row];
    for (const { fileType, nodeId } of doomed) {
      if (fileType !== 'directory') continue;
      const { entries } = await s.run(tree.directories.get(nodeId));
      for (const entry of entries.values()) {
        if (!recursive) return s.fail({ _tag: 'DirectoryNotEmpty', path });
        doomed.push(entry);
      }
    }
    for (const entry of doomed) tree.drafts.put({ ...tree.drafts.of(entry), place: null });
  });

/** The entry at a path, to be removed or renamed: a symlink as itself, and never the root. */
export const findStored = (
  tree: WritableTree,
  path: PondPath,
  call: 'remove' | 'rename',
): TE.TaskEither<TinyFsError, Stored> =>
  pipe(
    findTarget(tree, path, 'itself'),
    TE.flatMap((target): TE.TaskEither<TinyFsError, Stored> => {
      if (target.kind === 'root') return TE.left({ _tag: 'RootRefused', call });
      return target.kind === 'free' ? TE.left(notFound(path, target.name)) : TE.right(target);
    }),
  );
