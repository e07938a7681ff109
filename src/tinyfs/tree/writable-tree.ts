import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Ids } from '../../ports/ids.js';
import type { LoadDynamicNode } from '../dynamic-nodes.js';
import type { PersistenceWriter } from '../persistence.js';
import type { SeriesFormat } from '../series-format.js';
import { directoriesOfWriter } from './directories.js';
import { createDrafts, type Drafts } from './drafts.js';
import type { WriteIdentity } from './node-draft.js';
import { createTree, type Tree } from './tree.js';

/** The namespace inside a write transaction. */
export interface WritableTree extends Tree {
  readonly drafts: Drafts;
  readonly store: PersistenceWriter['store'];
  readonly readStored: PersistenceWriter['readStored'];
  readonly newNodeId: () => string;
  /**
   * Runs one change after another: between looking up a path and changing what is there no other change may come, even
   * where the caller starts several at once.
   */
  readonly inTurn: <E, A>(change: TaskEither<E, A>) => TaskEither<E, A>;
}

export const createWritableTree = (
  writer: PersistenceWriter,
  txn: WriteIdentity,
  ids: Ids,
  loadDynamicNode: LoadDynamicNode,
  seriesFormat: SeriesFormat | null,
): WritableTree => {
  const tree = createTree(writer, loadDynamicNode, seriesFormat, directoriesOfWriter(writer));
  return {
    drafts: createDrafts(writer, tree.directories, txn),
    store: writer.store,
    readStored: writer.readStored,
    newNodeId: ids.uuidV7,
    inTurn: createQueue(),
    ...tree,
  };
};

const createQueue = (): WritableTree['inTurn'] => {
  let last: Promise<void> = Promise.resolve();
  return (change) => () => {
    const outcome = last.then(change);
    const settled = () => undefined;
    // Whoever asked for the change learns how it ended; the next one only needs to know that it did.
    last = outcome.then(settled, settled);
    return outcome;
  };
};
