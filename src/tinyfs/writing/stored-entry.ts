import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { childOf, type PondPath } from '../../domain/paths/pond-path.js';
import { withoutTakenOut } from '../../domain/series/series-contract.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { contentRowOf, contentRowsOf, forgottenAmong } from '../reading/content-rows.js';
import { collect, contentsOf } from '../reading/content-stream.js';
import type { NewContent } from '../tree/node-draft.js';
import type { Tree } from '../tree/tree.js';
import type { WritableTree } from '../tree/writable-tree.js';

/** A stored entry with all that is below it, as it can be put elsewhere without its bytes being copied. */
export interface StoredEntry {
  readonly row: NodeRow;
  /** One content; of a series each version's, oldest first; of a directory none. */
  readonly contents: readonly NewContent[];
  /** Entries of a directory. */
  readonly children: readonly StoredEntry[];
}

/** A slot in a stored directory. */
export interface Place {
  readonly partId: string;
  readonly name: string;
}

/** Looks up an entry and everything below it; `path` is its path, for errors. */
export const storedEntry = (tree: Tree, row: NodeRow, path: PondPath): TaskEither<TinyFsError, StoredEntry> =>
  steps((s) => entryOf(s, tree, row, path));

const entryOf = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  row: NodeRow,
  path: PondPath,
): Promise<StoredEntry> => {
  if (row.fileType !== 'directory')
    return { row, contents: await contentsIn(s, tree, row, path), children: [] };
  const { entries } = await s.run(tree.directories.get(row.nodeId));
  const children: StoredEntry[] = [];
  for (const child of entries.values())
    children.push(await entryOf(s, tree, child, childOf(path, child.name)));
  return { row, contents: [], children };
};

const contentsIn = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  row: NodeRow,
  path: PondPath,
): Promise<readonly NewContent[]> => {
  const rows =
    row.fileType === 'series'
      ? await s.run(contentRowsOf(tree, row))
      : [await s.run(contentRowOf(tree, row))];
  const contents: NewContent[] = [];
  for (const content of rows) contents.push(await contentOf(s, tree, content, path));
  if (row.fileType !== 'series') return contents;
  // The newest says the contract; elsewhere versions have other numbers.
  return contents.map((content, index) => ({
    ...content,
    attributes: withoutTakenOut(index === contents.length - 1 ? row.attributes : content.attributes),
  }));
};

/** A large content is named by its digest; a small one is carried along. One that is forgotten cannot come back. */
const contentOf = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  row: NodeRow,
  path: PondPath,
): Promise<NewContent> => {
  const forgotten = forgottenAmong([row], path);
  if (forgotten !== null) return s.fail(forgotten);
  const { storageFormat, size, sha256, factory, attributes, minEventTime, maxEventTime } = row;
  if (storageFormat === 'none' || storageFormat === 'forgotten' || sha256 === null)
    return s.fail({
      _tag: 'CorruptData',
      path: row.nodeId,
      problem: `${row.name} has a version without content`,
    });
  const bytes =
    storageFormat === 'inline' ? await s.run(collect(contentsOf(tree.view, [row]), row.name)) : null;
  return {
    content: { storageFormat, size, sha256, bytes },
    factory,
    attributes,
    minEventTime,
    maxEventTime,
  };
};

/** Puts an entry and all that is below it into a free slot, as new nodes. */
export const putEntry = (tree: WritableTree, entry: StoredEntry, place: Place): void => {
  const nodeId = tree.newNodeId();
  const { row, contents, children } = entry;
  if (row.fileType === 'directory') tree.directories.addEmpty(nodeId);
  tree.drafts.put({ nodeId, fileType: row.fileType, base: null, place, contents });
  for (const child of children) putEntry(tree, child, { partId: nodeId, name: child.row.name });
};
