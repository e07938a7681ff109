import { contractIn } from '../../domain/series/series-contract.js';
import { isDynamic, type NodeRow } from '../../domain/tree/node-row.js';
import type { NodeTree } from './node-tree.js';
import type { RowProblem, TableFinding } from './table-finding.js';

/** Configurations of dynamic nodes are at most so large, bytes. */
const CONFIG_MAX = 1024 * 1024;

/** Row before a row of the same node, and the one that had the node's content before. */
interface Before {
  readonly row: NodeRow | null;
  readonly content: NodeRow | null;
}

/** The rows of each node: versions without a gap, nothing after its end, content where a row says that there is. */
export const checkHistories = (tree: NodeTree, lastTxnSeq: number): readonly TableFinding[] => {
  const findings: TableFinding[] = [];
  for (const history of tree.histories.values()) {
    let before: Before = { row: null, content: null };
    for (const row of history) {
      const expected = (before.row?.version ?? 0) + 1;
      const place = () => ({ path: tree.pathOf(row), nodeId: row.nodeId, version: row.version });
      if (row.version !== expected) {
        findings.push({ _tag: 'VersionsBroken', ...place(), expected });
        // What follows cannot be judged by what is not there.
        break;
      }
      const problem = problemOf(row, before, lastTxnSeq);
      if (problem !== null) findings.push({ _tag: 'RowUnsound', ...place(), problem });
      before = { row, content: row.storageFormat === 'none' ? before.content : row };
    }
    const needed = forgottenAndNeeded(history);
    if (needed !== null) {
      const { nodeId, version } = needed;
      const place = { path: tree.pathOf(needed), nodeId, version };
      findings.push({ _tag: 'RowUnsound', ...place, problem: 'forgotten-and-needed' });
    }
  }
  return findings;
};

/** A content that an entry shows now and that is forgotten: only what no kept state shows may be. */
const forgottenAndNeeded = (history: readonly NodeRow[]): NodeRow | null => {
  const newest = history.at(-1);
  if (newest === undefined || newest.deleted) return null;
  const contents = history.filter(({ storageFormat }) => storageFormat !== 'none');
  const { takenOut } = contractIn(newest.fileType === 'series' ? newest.attributes : null);
  const shown = newest.fileType === 'series' ? contents : contents.slice(-1);
  return (
    shown.find(({ forgotten, version }) => forgotten !== undefined && !takenOut.includes(version)) ?? null
  );
};

const problemOf = (row: NodeRow, { row: before, content }: Before, lastTxnSeq: number): RowProblem | null => {
  if (row.txnSeq < 1 || row.txnSeq > lastTxnSeq) return 'unknown-transaction';
  if (before !== null) {
    if (row.fileType !== before.fileType) return 'type-changes';
    if (row.txnSeq < before.txnSeq) return 'transaction-decreases';
    // Only a move goes on after a tombstone: in another directory, in the same transaction.
    if (before.deleted && (row.deleted || row.partId === before.partId || row.txnSeq !== before.txnSeq)) {
      return 'follows-tombstone';
    }
    if (!before.deleted && row.partId !== before.partId) return 'moved-without-tombstone';
  }
  if (row.deleted) return null;
  return problemOfContent(row, content) ?? problemOfDescription(row);
};

const problemOfContent = (row: NodeRow, content: NodeRow | null): RowProblem | null => {
  if (row.storageFormat === 'none') {
    if (row.fileType === 'directory') return null;
    if (content === null) return 'no-content-before';
    return row.sha256 === content.sha256 && row.size === content.size ? null : 'differs-from-content';
  }
  if (row.sha256 === null || !/^[0-9a-f]{64}$/.test(row.sha256) || row.size < 0) return 'no-digest';
  if (!isDynamic(row.fileType)) return null;
  if (row.storageFormat !== 'inline') return 'dynamic-not-inline';
  return row.size > CONFIG_MAX ? 'configuration-too-large' : null;
};

const problemOfDescription = ({ minEventTime, maxEventTime, attributes }: NodeRow): RowProblem | null => {
  if (minEventTime !== null && maxEventTime !== null && minEventTime > maxEventTime) {
    return 'event-times-reversed';
  }
  return attributes === null || isJson(attributes) ? null : 'attributes-unreadable';
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
