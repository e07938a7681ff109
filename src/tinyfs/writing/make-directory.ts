import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { fromNames, namesOf, type PondPath } from '../../domain/paths/pond-path.js';
import { isDynamic } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { isDirectory } from '../reading/children.js';
import { findTarget } from '../reading/resolve-path.js';
import type { WritableTree } from '../tree/writable-tree.js';

/** Makes a directory; returns whether there was something to make. */
export const makeDirectory = (tree: WritableTree, path: PondPath): TE.TaskEither<TinyFsError, boolean> =>
  steps(async ({ run, fail }) => {
    const followed = await run(findDirectory(tree, path));
    const itself = await run(findTarget(tree, path, 'itself'));
    if (followed) return false;
    if (itself.kind === 'stored') {
      return fail({ _tag: 'PathExists', path, entryType: itself.row.fileType });
    }
    if (itself.kind === 'free') addDirectory(tree, itself.partId, itself.name);
    return itself.kind === 'free';
  });

/** Tells whether a directory is there already, perhaps behind a symlink. A link that leads nowhere is none. */
const findDirectory = (tree: WritableTree, path: PondPath): TE.TaskEither<TinyFsError, boolean> =>
  pipe(
    findTarget(tree, path, 'follow'),
    TE.map((target) => target.kind !== 'free' && isDirectory(target)),
    TE.orElse((error) => (error._tag === 'PathNotFound' ? TE.right(false) : TE.left(error))),
  );

const addDirectory = (tree: WritableTree, partId: string, name: string): void => {
  const nodeId = tree.newNodeId();
  tree.directories.addEmpty(nodeId);
  tree.drafts.put({ nodeId, fileType: 'directory', base: null, place: { partId, name }, contents: [] });
};

/** Makes a directory and what is missing on the way to it. */
export const makeDirectories = (tree: WritableTree, path: PondPath): TE.TaskEither<TinyFsError, boolean> =>
  steps(async (s) => {
    const names = namesOf(path);
    // A tree is made from its top, so what is on the way is mostly there, and not looked at level by level.
    const above = fromNames(names.slice(0, -1));
    const isThere = await s.run(
      pipe(
        findDirectory(tree, above),
        TE.orElse(() => TE.right(false)),
      ),
    );
    let made = false;
    for (let depth = isThere ? Math.max(names.length, 1) : 1; depth <= names.length; depth += 1) {
      const step = makeDirectory(tree, fromNames(names.slice(0, depth)));
      const outcome = await s.run(depth < names.length ? onTheWay(step) : step);
      made = made || outcome;
    }
    return made;
  });

/** Returns what is in the way of a directory below it. Of a dynamic node the next step says so: it cannot be written below. */
const onTheWay = (step: TE.TaskEither<TinyFsError, boolean>): TE.TaskEither<TinyFsError, boolean> =>
  pipe(
    step,
    TE.orElse((error) => {
      if (error._tag !== 'PathExists') return TE.left<TinyFsError, boolean>(error);
      return isDynamic(error.entryType)
        ? TE.right(false)
        : TE.left({ _tag: 'NotADirectory', path: error.path, entryType: error.entryType });
    }),
  );
