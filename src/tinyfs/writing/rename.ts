import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { childOf, isWithin, nameOf, type PondPath } from '../../domain/paths/pond-path.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { Location } from '../location.js';
import { storedDirectoryId } from '../reading/children.js';
import { findTarget } from '../reading/resolve-path.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { findStored } from './remove.js';

/** Moves an entry to another name, another directory, or both. */
export const rename = (tree: WritableTree, from: PondPath, to: PondPath): TE.TaskEither<TinyFsError, void> =>
  steps(async (s) => {
    const source = await s.run(findStored(tree, from, 'rename'));
    const target = await s.run(findDestination(tree, source, to));
    if (target.replaced?.nodeId === source.row.nodeId) return;
    if (source.row.fileType === 'directory' && isWithin(source.path, target.path))
      return s.fail({ _tag: 'MoveIntoItself', from, to, call: 'rename' });
    if (target.replaced !== null) {
      const refusal = refusalToReplace(source.row, target.replaced, target.path);
      if (refusal !== null) return s.fail(refusal);
      tree.drafts.put({ ...tree.drafts.of(target.replaced), place: null });
    }
    tree.drafts.put({
      ...tree.drafts.of(source.row),
      place: { partId: target.partId, name: nameOf(target.path) },
    });
  });

interface Destination {
  readonly path: PondPath;
  readonly partId: string;
  /** Entry that is there now. */
  readonly replaced: NodeRow | null;
}

type Stored = Location & { kind: 'stored' };

/** Resolves the target: onto itself, into the directory that `to` leads to, or to the very path. */
const findDestination = (
  tree: WritableTree,
  source: Stored,
  to: PondPath,
): TE.TaskEither<TinyFsError, Destination> =>
  steps(async (s) => {
    const itself = await s.run(findTarget(tree, to, 'itself'));
    if (itself.kind === 'free') return { path: itself.path, partId: itself.partId, replaced: null };
    if (itself.kind === 'stored' && itself.row.nodeId === source.row.nodeId) return replacing(itself);
    const led = await s.run(findExisting(tree, to));
    const partId = led === null ? null : storedDirectoryId(led);
    if (led !== null && partId !== null)
      return s.run(insideDirectory(tree, led.path, partId, nameOf(source.path)));
    if (itself.kind === 'root') return s.fail({ _tag: 'RootRefused', call: 'rename' });
    if (itself.row.fileType === 'directory:dynamic' && source.row.fileType !== 'directory:dynamic')
      return s.fail({ _tag: 'ReadOnlyPath', path: to, factory: itself.row.factory ?? '' });
    return replacing(itself);
  });

const replacing = ({ path, row }: Stored): Destination => ({ path, partId: row.partId, replaced: row });

/** Entry that `to` leads to, if any: a directory there, or behind a symlink there, takes the entry in. */
const findExisting = (tree: WritableTree, to: PondPath): TE.TaskEither<TinyFsError, Location | null> =>
  pipe(
    findTarget(tree, to, 'follow'),
    TE.map((target) => (target.kind === 'free' ? null : target)),
    // A symlink that leads nowhere is an entry like any other.
    TE.orElse((error) =>
      error._tag === 'PathNotFound' || error._tag === 'SymlinkLoop' || error._tag === 'NotADirectory'
        ? TE.right(null)
        : TE.left(error),
    ),
  );

const insideDirectory = (
  tree: WritableTree,
  directory: PondPath,
  partId: string,
  name: string,
): TE.TaskEither<TinyFsError, Destination> =>
  pipe(
    tree.directories.get(partId),
    TE.map(({ entries }) => ({
      path: childOf(directory, name),
      partId,
      replaced: entries.get(name) ?? null,
    })),
  );

const refusalToReplace = (source: NodeRow, replaced: NodeRow, path: PondPath): TinyFsError | null => {
  if (replaced.fileType !== source.fileType)
    return { _tag: 'WrongEntryType', path, expected: source.fileType, found: replaced.fileType };
  return replaced.fileType === 'directory' ? { _tag: 'PathExists', path, entryType: 'directory' } : null;
};
