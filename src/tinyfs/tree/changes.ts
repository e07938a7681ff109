import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Change } from '../../domain/change.js';
import { compareUtf8 } from '../../domain/documents/bytes-order.js';
import type { NodeRow } from '../../domain/node-row.js';
import { childOf, type PondPath } from '../../domain/paths/pond-path.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { PersistenceError, PersistenceView } from '../persistence.js';
import { directoriesOf } from './directories.js';
import { pathAt, rowAt, type TransactionRows } from './path-at.js';

/**
 * What one transaction changed, sorted by path (bytes of UTF-8). The same for a transaction that is still being written
 * (the view is its writer) and for any later view: the rows of a node before the transaction are compared with those of
 * the transaction, and later ones are ignored.
 *
 * - What was renamed or moved is `renamed`, and so is everything below a renamed directory. If it has new content as
 *   well, it is also `modified`.
 * - Of a removed directory everything in it is `deleted`.
 * - What was replaced by something else of the same path is `deleted`, the other `created` or `renamed`.
 */
export const changesOf = (
  view: PersistenceView,
  txnSeq: number,
): TaskEither<PersistenceError, readonly Change[]> =>
  steps(async (s) => {
    const rows = await s.run(view.rowsOfTransaction(txnSeq));
    const txn = {
      view,
      txnSeq,
      directories: directoriesOf(view),
      byNode: groupByNode(rows),
      paths: new Map(),
    };
    const changes: Change[] = [];
    for (const [nodeId, written] of txn.byNode) {
      const after = written.at(-1);
      if (after === undefined) continue;
      const before = await rowAt(s, txn, nodeId, 'before');
      const from = before === undefined ? null : await pathAt(s, txn, before, 'before');
      const path = after.deleted ? null : await pathAt(s, txn, after, 'after');
      changes.push(...changesOfNode({ from, path, written, after }));
      if (after.fileType === 'directory' && from !== null && path !== null && from !== path)
        changes.push(...(await renamedBelow(s, txn, nodeId, { from, path })));
    }
    return changes.sort(compareChanges);
  });

const groupByNode = (rows: readonly NodeRow[]): ReadonlyMap<string, readonly NodeRow[]> => {
  const byNode = new Map<string, NodeRow[]>();
  for (const row of rows) {
    const written = byNode.get(row.nodeId);
    if (written === undefined) byNode.set(row.nodeId, [row]);
    else written.push(row);
  }
  for (const written of byNode.values()) written.sort((a, b) => a.version - b.version);
  return byNode;
};

interface NodeStates {
  /** Null: the node is new. */
  readonly from: PondPath | null;
  /** Null: the node is gone. */
  readonly path: PondPath | null;
  readonly written: readonly NodeRow[];
  readonly after: NodeRow;
}

const changesOfNode = ({ from, path, written, after }: NodeStates): readonly Change[] => {
  const entryType = after.fileType;
  if (path === null) return from === null ? [] : [{ kind: 'deleted', path: from, entryType }];
  if (from === null) return [{ kind: 'created', path, entryType }];
  const renamed: readonly Change[] = from === path ? [] : [{ kind: 'renamed', path, from, entryType }];
  const modified = written.some((row) => row.storageFormat !== 'none');
  return modified ? [...renamed, { kind: 'modified', path, entryType }] : renamed;
};

/** What the transaction did not touch, but what has another path because a directory above it has. */
const renamedBelow = async (
  s: Steps<PersistenceError>,
  txn: TransactionRows,
  directoryId: string,
  paths: { readonly from: PondPath; readonly path: PondPath },
): Promise<readonly Change[]> => {
  const changes: Change[] = [];
  const open = [{ directoryId, ...paths }];
  for (const directory of open) {
    const { rows } = await s.run(txn.directories.get(directory.directoryId));
    for (const [nodeId, history] of rows.entries()) {
      const row = history.findLast(({ txnSeq }) => txnSeq <= txn.txnSeq);
      if (row === undefined || row.deleted || txn.byNode.has(nodeId)) continue;
      const from = childOf(directory.from, row.name);
      const path = childOf(directory.path, row.name);
      changes.push({ kind: 'renamed', path, from, entryType: row.fileType });
      if (row.fileType === 'directory') open.push({ directoryId: nodeId, from, path });
    }
  }
  return changes;
};

const KIND_ORDER: Readonly<Record<Change['kind'], number>> = {
  deleted: 0,
  renamed: 1,
  created: 2,
  modified: 3,
};

const compareChanges = (a: Change, b: Change): number =>
  compareUtf8(a.path, b.path) || KIND_ORDER[a.kind] - KIND_ORDER[b.kind];
