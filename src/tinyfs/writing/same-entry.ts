import { withoutTakenOut } from '../../domain/series/series-contract.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { Steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { contentRowOf, contentRowsOf } from '../reading/content-rows.js';
import type { Tree } from '../tree/tree.js';

/** An entry of a tree, or its absence. */
export interface EntryIn {
  readonly tree: Tree;
  readonly row: NodeRow | null;
}

/** Tells whether two entries are alike to whoever reads them, whichever nodes and versions they are. Of directories it says nothing of what is in them. */
export const isSameEntry = async (s: Steps<TinyFsError>, a: EntryIn, b: EntryIn): Promise<boolean> => {
  if (a.row === null || b.row === null) return a.row === b.row;
  if (a.row.fileType !== b.row.fileType || a.row.factory !== b.row.factory) return false;
  if (a.row.fileType === 'directory') return true;
  return (await identityOf(s, a.tree, a.row)) === (await identityOf(s, b.tree, b.row));
};

const identityOf = async (s: Steps<TinyFsError>, tree: Tree, row: NodeRow): Promise<string> => {
  if (row.fileType !== 'series') {
    const { sha256, attributes } = await s.run(contentRowOf(tree, row));
    return JSON.stringify([sha256, attributes]);
  }
  const versions = (await s.run(contentRowsOf(tree, row))).map(({ sha256 }) => sha256);
  return JSON.stringify([versions, withoutTakenOut(row.attributes)]);
};
