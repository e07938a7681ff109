import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { contractIn } from '../../domain/series/series-contract.js';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { Difference, EntryState } from '../../domain/tree/difference.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { PersistenceError, PersistenceView } from '../persistence.js';
import { type NodeInSpan, nodesInSpan, type Span } from './span.js';

/**
 * Differences between the state after a span of transactions and the one before it, sorted by path (bytes of UTF-8). What
 * was changed and changed back does not count, and a path under which something was removed and something else made
 * is `changed`, unless the two are equal.
 */
export const differencesOver = (
  view: PersistenceView,
  span: Span,
): TaskEither<PersistenceError, readonly Difference[]> =>
  steps(async (s) => join(s, view, (await s.run(nodesInSpan(view, span))).flatMap(differenceOf)));

const differenceOf = (node: NodeInSpan): readonly Difference[] => {
  const { before, from, path } = node;
  const after = stateOf(node.after);
  if (before === undefined || from === null)
    return path === null ? [] : [{ kind: 'added', path, before: null, after }];
  if (path === null) return [{ kind: 'removed', path: from, before: stateOf(before), after: null }];
  const hasNewContent = isOtherContent(node, before);
  if (from !== path) return [{ kind: 'renamed', path, from, hasNewContent, before: stateOf(before), after }];
  return hasNewContent ? [{ kind: 'changed', path, before: stateOf(before), after }] : [];
};

/** Tells whether a node's content is another one. Each version of a series adds to it, whatever its bytes. */
const isOtherContent = ({ after, written }: NodeInSpan, before: NodeRow): boolean =>
  after.sha256 !== before.sha256 ||
  after.factory !== before.factory ||
  (after.fileType === 'series' &&
    (after.attributes !== before.attributes ||
      written.some(({ storageFormat }) => storageFormat !== 'none')));

const stateOf = (row: NodeRow): EntryState => ({
  entryType: row.fileType,
  nodeId: row.nodeId,
  version: row.version,
  txnSeq: row.txnSeq,
  size: row.size,
  sha256: row.sha256,
  factory: row.factory,
});

/** Joins what was removed and what was made under one path to one difference, or none. */
const join = async (
  s: Steps<PersistenceError>,
  view: PersistenceView,
  differences: readonly Difference[],
): Promise<readonly Difference[]> => {
  const removed = new Map<PondPath, Difference & { kind: 'removed' }>();
  for (const difference of differences)
    if (difference.kind === 'removed') removed.set(difference.path, difference);
  const found: Difference[] = [];
  for (const difference of differences) {
    if (difference.kind === 'removed') continue;
    const earlier = difference.kind === 'added' ? removed.get(difference.path) : undefined;
    if (difference.kind !== 'added' || earlier === undefined) {
      found.push(difference);
      continue;
    }
    removed.delete(difference.path);
    if (!(await areEqual(s, view, earlier.before, difference.after)))
      found.push({ ...difference, kind: 'changed', before: earlier.before });
  }
  return [...found, ...removed.values()].sort((a, b) => compareUtf8(a.path, b.path));
};

const areEqual = async (
  s: Steps<PersistenceError>,
  view: PersistenceView,
  a: EntryState,
  b: EntryState,
): Promise<boolean> => {
  if (a.entryType !== b.entryType || a.sha256 !== b.sha256 || a.factory !== b.factory) return false;
  if (a.entryType !== 'series') return true;
  const digests = async ({ nodeId, version }: EntryState) => {
    const rows = (await s.run(view.rowsOfNode(nodeId))).filter((row) => row.version <= version);
    const { takenOut } = contractIn(rows.at(-1)?.attributes ?? null);
    return rows
      .filter((row) => row.storageFormat !== 'none' && !takenOut.includes(row.version))
      .map(({ sha256 }) => sha256)
      .join();
  };
  return (await digests(a)) === (await digests(b));
};
