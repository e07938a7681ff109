import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { childOf, nameOf, type PondPath, parentOf, ROOT } from '../../domain/paths/pond-path.js';
import { contractIn, withContract } from '../../domain/series/series-contract.js';
import { type NodeRow, ROOT_ID } from '../../domain/tree/node-row.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { findTarget, notFound } from '../reading/resolve-path.js';
import { earlierView } from '../tree/earlier-view.js';
import type { NewContent } from '../tree/node-draft.js';
import { createTree, type Tree } from '../tree/tree.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { makeDirectories } from './make-directory.js';
import { removeRows, rowsBelow } from './remove.js';
import { type Place, putEntry, type StoredEntry, storedEntry } from './stored-entry.js';

/** The tree as it was after an earlier transaction. */
export const treeAt = (tree: Tree, txnSeq: number): Tree =>
  createTree(earlierView(tree.view, txnSeq), tree.loadDynamicNode, tree.seriesFormat);

/**
 * Makes what is at a path, and everything below it, what it was in an earlier tree, its absence included. What is equal
 * is not touched, and no bytes are copied. A series of which versions would have to go becomes another node.
 */
export const restoreEntry = (tree: WritableTree, path: PondPath, past: Tree): TaskEither<TinyFsError, void> =>
  steps(async (s) => {
    if (path === ROOT) return restoreChildren(s, tree, past, { path, was: ROOT_ID, is: ROOT_ID });
    const was = await storedAt(s, past, path);
    const is = await storedAt(s, tree, path);
    if (was === null && is === null) return s.fail(notFound(path, nameOf(path)));
    await restore(s, tree, past, { path, was, is });
  });

/** The row at a path, a symlink as itself; null where nothing is, or nothing can be. */
const storedAt = async (s: Steps<TinyFsError>, tree: Tree, path: PondPath): Promise<NodeRow | null> => {
  const found = await findTarget(tree, path, 'itself')();
  if (found._tag === 'Left') {
    const { _tag } = found.left;
    return _tag === 'PathNotFound' || _tag === 'NotADirectory' ? null : s.fail(found.left);
  }
  return found.right.kind === 'stored' ? found.right.row : null;
};

/** The stored entry whose own path this is; null: there is none, or only by way of a link. */
export const entryAt = async (s: Steps<TinyFsError>, tree: Tree, path: PondPath): Promise<NodeRow | null> => {
  const found = await findTarget(tree, path, 'itself')();
  if (found._tag === 'Right')
    return found.right.kind === 'stored' && found.right.path === path ? found.right.row : null;
  return NOT_THERE.has(found.left._tag) ? null : s.fail(found.left);
};

/** Errors of a path at which nothing is; a loop is one of the links above it. */
const NOT_THERE: ReadonlySet<TinyFsError['_tag']> = new Set(['PathNotFound', 'NotADirectory', 'SymlinkLoop']);

/** Entry that was at a path, and the one that is there. */
interface States<Row> {
  readonly path: PondPath;
  readonly was: Row;
  readonly is: Row;
}

const restore = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  past: Tree,
  { path, was, is }: States<NodeRow | null>,
): Promise<void> => {
  if (was?.fileType === 'directory' && is?.fileType === 'directory')
    return restoreChildren(s, tree, past, { path, was: was.nodeId, is: is.nodeId });
  if (was !== null) return replace(s, tree, path, await s.run(storedEntry(past, was, path)), is);
  if (is !== null) removeRows(tree, await s.run(rowsBelow(tree, is)));
};

/** `was`, `is`: the ids of the directories. */
const restoreChildren = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  past: Tree,
  { path, was, is }: States<string>,
): Promise<void> => {
  const earlier = (await s.run(past.directories.get(was))).entries;
  const now = (await s.run(tree.directories.get(is))).entries;
  const names = [...earlier.values(), ...now.values()].map(({ name }) => name);
  for (const name of new Set(names)) {
    const states = { was: earlier.get(name) ?? null, is: now.get(name) ?? null };
    await restore(s, tree, past, { path: childOf(path, name), ...states });
  }
};

/** Puts an entry of the past in the place of what is there. */
export const replace = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  path: PondPath,
  was: StoredEntry,
  is: NodeRow | null,
): Promise<void> => {
  if (is !== null && is.fileType === was.row.fileType && is.factory === was.row.factory) {
    const missing = missingContents(was, await s.run(storedEntry(tree, is, path)));
    if (missing !== null) {
      for (const content of missing)
        if (is.fileType === 'series') tree.drafts.append(is, takingOut(is, content));
        else tree.drafts.put({ ...tree.drafts.of(is), contents: [content] });
      return;
    }
  }
  if (is !== null) removeRows(tree, await s.run(rowsBelow(tree, is)));
  await s.run(makeDirectories(tree, parentOf(path)));
  const slot = await s.run(findTarget(tree, path, 'itself'));
  if (slot.kind !== 'free') return s.fail({ _tag: 'CorruptData', path, problem: 'a removed entry is there' });
  const place: Place = { partId: slot.partId, name: slot.name };
  putEntry(tree, was, place);
};

/** Contents that an entry lacks; null where it has others, or is a symlink, whose node is exchanged. */
const missingContents = (was: StoredEntry, is: StoredEntry): readonly NewContent[] | null => {
  const known = is.contents.map(identityOf);
  const wanted = was.contents.map(identityOf);
  if (was.row.fileType !== 'series')
    return wanted[0] === known[0] ? [] : was.row.fileType === 'symlink' ? null : was.contents;
  return known.every((content, at) => content === wanted[at]) ? was.contents.slice(known.length) : null;
};

const identityOf = ({ content, attributes }: NewContent): string => `${content.sha256} ${attributes}`;

/** A version that comes back; those that are taken out stay so. */
const takingOut = ({ attributes: present }: NodeRow, content: NewContent): NewContent => {
  const { takenOut } = contractIn(present);
  const { attributes } = content;
  return takenOut.length === 0
    ? content
    : { ...content, attributes: withContract(attributes, { ...contractIn(attributes), takenOut }) };
};
