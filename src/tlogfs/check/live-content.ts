import { contractIn } from '../../domain/series/series-contract.js';
import { type ContentEntry, contentRoot } from '../../domain/tree/content-root.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { NodeTree } from './node-tree.js';

/** The content root of the entries that a sound table shows. */
export const rootOfTree = (tree: NodeTree): string =>
  contentRoot(
    tree.entries.map(
      (row): ContentEntry => ({
        path: tree.pathOf(row) ?? row.name,
        type: row.fileType,
        factory: row.factory,
        digests: digestsOf(tree, row),
      }),
    ),
  );

const digestsOf = (tree: NodeTree, row: NodeRow): readonly string[] => {
  if (row.fileType === 'directory') return [];
  const own = row.sha256 === null ? [] : [row.sha256];
  if (row.fileType !== 'series') return own;
  const history = tree.histories.get(row.nodeId) ?? [];
  const { takenOut } = contractIn(row.attributes);
  return history.flatMap(({ storageFormat, sha256, version }) =>
    storageFormat === 'none' || sha256 === null || takenOut.includes(version) ? [] : [sha256],
  );
};
