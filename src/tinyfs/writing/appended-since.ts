import type { PondPath } from '../../domain/paths/pond-path.js';
import { contractIn, withContract } from '../../domain/series/series-contract.js';
import type { Difference } from '../../domain/tree/difference.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { Steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { contentRowsOf } from '../reading/content-rows.js';
import type { Tree } from '../tree/tree.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { entryAt } from './restore-entry.js';

/** A series to which a transaction has appended, and others since. */
export interface AppendedSince {
  readonly path: PondPath;
  /** The series as it is now. */
  readonly row: NodeRow;
  /** Versions of the transaction that the series still has. */
  readonly versions: readonly number[];
}

/**
 * Returns the series of a difference where the transaction did nothing but append to it, and the series has changed since. What came later
 * stays, since the versions can go by themselves; null: they cannot, or nothing came later.
 */
export const appendedSince = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  { kind, path, before, after }: Difference,
): Promise<AppendedSince | null> => {
  if (kind !== 'changed' || before.entryType !== 'series' || before.nodeId !== after.nodeId) return null;
  const row = await entryAt(s, tree, path);
  if (row?.nodeId !== after.nodeId || row.version === after.version) return null;
  const history = await s.run(tree.view.rowsOfNode(after.nodeId));
  const beforehand = history.find(({ version }) => version === before.version);
  const appended = history.filter(({ version }) => version > before.version && version <= after.version);
  const isAppended = appended.every(
    (one) => one.storageFormat !== 'none' && rulesIn(one) === rulesIn(beforehand),
  );
  const present = await s.run(contentRowsOf(tree, row));
  const versions = present.flatMap(({ version }) =>
    appended.some((one) => one.version === version) ? [version] : [],
  );
  return isAppended && versions.length < present.length ? { path, row, versions } : null;
};

/** A contract but for what every append may add to it. */
const rulesIn = (row: NodeRow | undefined): string =>
  withContract(null, { ...contractIn(row?.attributes ?? null), columns: null, timeUnit: null });

/** Takes the versions out. */
export const takeOut = (tree: WritableTree, { row, versions }: AppendedSince): void => {
  if (versions.length === 0) return;
  const contract = contractIn(row.attributes);
  const takenOut = [...new Set([...contract.takenOut, ...versions])].sort((a, b) => a - b);
  tree.drafts.put({
    ...tree.drafts.of(row),
    attributes: withContract(row.attributes, { ...contract, takenOut }),
  });
};
