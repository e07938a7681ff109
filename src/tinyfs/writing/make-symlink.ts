import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { InvalidPath, PondPath } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { FreeSlot } from '../location.js';
import { findTarget } from '../reading/resolve-path.js';
import type { WritableTree } from '../tree/writable-tree.js';

/** Longest target: as long as the longest path, in bytes of UTF-8. */
const TARGET_MAX = 4096;

/** Makes a symlink. Its target's text is kept as it is, and nothing needs to be there. */
export const makeSymlink = (
  tree: WritableTree,
  target: string,
  path: PondPath,
): TE.TaskEither<TinyFsError, void> =>
  steps(async ({ run, take }) => {
    const text = take(checkTarget(target));
    const { partId, name } = await run(findFree(tree, path));
    const content = await run(tree.store(Buffer.from(text), 'inline'));
    tree.drafts.put({
      nodeId: tree.newNodeId(),
      fileType: 'symlink',
      base: null,
      place: { partId, name },
      contents: [{ content, factory: null, attributes: null, minEventTime: null, maxEventTime: null }],
    });
  });

const checkTarget = (target: string): Either<InvalidPath, string> => {
  const invalid = (problem: InvalidPath['problem']) =>
    left<InvalidPath>({ _tag: 'InvalidPath', path: String(target), problem });
  if (typeof target !== 'string') return invalid('not-text');
  if (target === '') return invalid('empty');
  if (target.includes('\0')) return invalid('nul-byte');
  if (!target.isWellFormed()) return invalid('not-unicode');
  return Buffer.byteLength(target) > TARGET_MAX ? invalid('path-too-long') : right(target);
};

/** A free place; whatever is at the path is an error. */
const findFree = (tree: WritableTree, path: PondPath): TE.TaskEither<TinyFsError, FreeSlot> =>
  pipe(
    findTarget(tree, path, 'itself'),
    TE.flatMap((target) =>
      target.kind === 'free'
        ? TE.right(target)
        : TE.left<TinyFsError, FreeSlot>({
            _tag: 'PathExists',
            path,
            entryType: target.kind === 'root' ? 'directory' : target.row.fileType,
          }),
    ),
  );
