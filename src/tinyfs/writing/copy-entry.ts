import type * as TE from 'fp-ts/lib/TaskEither.js';
import { childOf, isWithin, nameOf, type PondPath } from '../../domain/paths/pond-path.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { storedDirectoryId } from '../reading/children.js';
import { findTarget } from '../reading/resolve-path.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { findStored } from './remove.js';
import { type Place, putEntry, storedEntry } from './stored-entry.js';

/**
 * Copies an entry, with all that is below a directory, without copying bytes: the new nodes name the same contents. An
 * existing directory takes the copy in; a file, table or dynamic node of the same type gets a new version.
 */
export const copyEntry = (
  tree: WritableTree,
  from: PondPath,
  to: PondPath,
): TE.TaskEither<TinyFsError, void> =>
  steps(async (s) => {
    const source = await s.run(findStored(tree, from, 'copy'));
    const target = await s.run(findDestination(tree, source.path, to));
    if (target.replaced?.nodeId === source.row.nodeId) return;
    if (source.row.fileType === 'directory' && isWithin(source.path, target.path))
      return s.fail({ _tag: 'MoveIntoItself', from, to, call: 'copy' });
    const entry = await s.run(storedEntry(tree, source.row, source.path));
    if (target.replaced === null) return putEntry(tree, entry, target);
    const refusal = refusalToReplace(source.row, target.replaced, target.path);
    if (refusal !== null) return s.fail(refusal);
    const isSame =
      target.replaced.sha256 === source.row.sha256 && target.replaced.factory === source.row.factory;
    if (!isSame) tree.drafts.put({ ...tree.drafts.of(target.replaced), contents: entry.contents });
  });

interface Destination extends Place {
  readonly path: PondPath;
  /** Entry that is there now. */
  readonly replaced: NodeRow | null;
}

const findDestination = (
  tree: WritableTree,
  source: PondPath,
  to: PondPath,
): TE.TaskEither<TinyFsError, Destination> =>
  steps(async (s) => {
    const led = await s.run(findTarget(tree, to, 'follow'));
    if (led.kind === 'free') return { path: led.path, partId: led.partId, name: led.name, replaced: null };
    const inside = storedDirectoryId(led);
    if (inside !== null) {
      const name = nameOf(source);
      const { entries } = await s.run(tree.directories.get(inside));
      return { path: childOf(led.path, name), partId: inside, name, replaced: entries.get(name) ?? null };
    }
    if (led.kind === 'root') return s.fail({ _tag: 'RootRefused', call: 'write' });
    return { path: led.path, partId: led.row.partId, name: led.row.name, replaced: led.row };
  });

const REPLACEABLE = new Set(['file', 'table', 'file:dynamic', 'directory:dynamic']);

const refusalToReplace = (source: NodeRow, replaced: NodeRow, path: PondPath): TinyFsError | null => {
  if (replaced.fileType !== source.fileType)
    return { _tag: 'WrongEntryType', path, expected: source.fileType, found: replaced.fileType };
  return REPLACEABLE.has(source.fileType) ? null : { _tag: 'PathExists', path, entryType: replaced.fileType };
};
