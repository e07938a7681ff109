import { CONFIGURATION_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { isWithin, type PondPath } from '../../domain/paths/pond-path.js';
import { contractIn } from '../../domain/series/series-contract.js';
import type { EntryType, NodeRow } from '../../domain/tree/node-row.js';
import type { NodeTree } from '../check/node-tree.js';

/** States of which everything stays, and where the rest is looked for. */
export interface Keeping {
  /** The transaction from which on every state stays as it is. */
  readonly before: number;
  /** Earlier transactions whose states stay, too. */
  readonly alsoAt: readonly number[];
  /** Only contents of what is, or last was, at or below one of these; null: of everything. */
  readonly paths: readonly PondPath[] | null;
}

/** Kinds of entries whose contents can be forgotten: configurations and the targets of links stay for the plans. */
const FORGETTABLE: ReadonlySet<EntryType> = new Set(['file', 'table', 'series']);

/**
 * Rows whose content no kept state shows. What a state shows of a node is said by its newest row up to that transaction:
 * of a series the contents of all versions that are not taken out, else the newest content. Computed from rows alone.
 */
export const forgettableRows = (tree: NodeTree, keeping: Keeping): ReadonlySet<NodeRow> => {
  const found = new Set<NodeRow>();
  for (const history of tree.histories.values()) {
    const newest = history.at(-1);
    if (newest === undefined || !FORGETTABLE.has(newest.fileType)) continue;
    const paths = history.map(tree.pathOf);
    // What every commit's plan is computed from stays.
    if (paths.some((path) => path === null || isWithin(CONFIGURATION_DIRECTORY, path as PondPath))) continue;
    const last = paths.at(-1);
    if (keeping.paths !== null && !keeping.paths.some((path) => isWithin(path, last as PondPath))) continue;
    const needed = neededRows(history, keeping);
    for (const row of history) if (hasContent(row) && !needed.has(row)) found.add(row);
  }
  return found;
};

const hasContent = ({ storageFormat }: NodeRow): boolean =>
  storageFormat === 'inline' || storageFormat === 'external';

/** `history`: all rows of one node, in ascending order of version. */
const neededRows = (history: readonly NodeRow[], keeping: Keeping): ReadonlySet<NodeRow> => {
  const needed = new Set<NodeRow>();
  history.forEach((row, index) => {
    const ends = history[index + 1]?.txnSeq ?? Number.POSITIVE_INFINITY;
    if (row.deleted || !isShownAt(row.txnSeq, ends, keeping)) return;
    const contents = history.slice(0, index + 1).filter(({ storageFormat }) => storageFormat !== 'none');
    if (row.fileType !== 'series') {
      const newest = contents.at(-1);
      if (newest !== undefined) needed.add(newest);
      return;
    }
    const takenOut = new Set(contractIn(row.attributes).takenOut);
    for (const content of contents) if (!takenOut.has(content.version)) needed.add(content);
  });
  return needed;
};

/** Tells whether a kept state is among those from one transaction up to the next. */
const isShownAt = (from: number, ends: number, { before, alsoAt }: Keeping): boolean =>
  from < ends && (ends > before || alsoAt.some((txnSeq) => from <= txnSeq && txnSeq < ends));
