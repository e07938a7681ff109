import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { childOf, type PondPath } from '../../domain/paths/pond-path.js';
import type { EntryType, NodeRow } from '../../domain/tree/node-row.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { PersistenceError, PersistenceView } from '../persistence.js';
import { directoriesOf } from './directories.js';
import { pathAt, rowAt, type SpanRows } from './path-at.js';

/** One node before and after a span of transactions. */
export interface NodeInSpan {
  /** Its newest row before; undefined: the span made the node. */
  readonly before: NodeRow | undefined;
  /** Path before the span; null: nowhere. */
  readonly from: PondPath | null;
  /** Its newest row after. */
  readonly after: NodeRow;
  /** Path after the span; null: nowhere any more. */
  readonly path: PondPath | null;
  /** Its rows that the span wrote, in ascending order of version; none for what moved with a directory above it. */
  readonly written: readonly NodeRow[];
}

/** The transactions after `since`, up to `upTo`. */
export interface Span {
  readonly since: number;
  readonly upTo: number;
  /** Tells, after each node, what is waited for before the next one; null: nothing. Default: nothing ever. */
  readonly pause?: () => Promise<void> | null;
}

/**
 * Every node that a span of transactions touched, in no particular order: those of which it wrote rows, and those
 * that have another path because a directory above them has. Later transactions are ignored.
 */
export const nodesInSpan = (
  view: PersistenceView,
  { since, upTo, pause = () => null }: Span,
): TaskEither<PersistenceError, readonly NodeInSpan[]> =>
  steps(async (s) => {
    const rows = await s.run(since + 1 === upTo ? view.rowsOfTransaction(upTo) : view.rowsAfter(since));
    const byNode = groupByNode(rows.filter(({ txnSeq }) => txnSeq <= upTo));
    const span = { view, since, upTo, directories: directoriesOf(view), byNode, paths: new Map() };
    const nodes: NodeInSpan[] = [];
    for (const [nodeId, written] of byNode) {
      const rest = pause();
      if (rest !== null) await rest;
      const after = written.at(-1);
      if (after === undefined) continue;
      const before = await rowAt(s, span, nodeId, 'before');
      const isThere = before !== undefined && !before.deleted;
      const from = isThere ? await pathAt(s, span, before, 'before') : null;
      const path = after.deleted ? null : await pathAt(s, span, after, 'after');
      nodes.push({ before: isThere ? before : undefined, from, after, path, written });
      if (isDirectory(after.fileType) && from !== null && path !== null && from !== path)
        nodes.push(...(await movedBelow(s, span, nodeId, { from, path })));
    }
    return nodes;
  });

const isDirectory = (type: EntryType): boolean => type === 'directory';

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

/** Node that the span did not write, but that has another path because a directory above it has. */
const movedBelow = async (
  s: Steps<PersistenceError>,
  span: SpanRows,
  directoryId: string,
  paths: { readonly from: PondPath; readonly path: PondPath },
): Promise<readonly NodeInSpan[]> => {
  const nodes: NodeInSpan[] = [];
  const open = [{ directoryId, ...paths }];
  for (const directory of open) {
    const { rows } = await s.run(span.directories.get(directory.directoryId));
    for (const [nodeId, history] of rows.entries()) {
      const row = history.findLast(({ txnSeq }) => txnSeq <= span.upTo);
      if (row === undefined || row.deleted || span.byNode.has(nodeId)) continue;
      const from = childOf(directory.from, row.name);
      const path = childOf(directory.path, row.name);
      nodes.push({ before: row, from, after: row, path, written: [] });
      if (isDirectory(row.fileType)) open.push({ directoryId: nodeId, from, path });
    }
  }
  return nodes;
};
