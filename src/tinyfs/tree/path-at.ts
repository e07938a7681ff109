import { childOf, type PondPath, ROOT } from '../../domain/paths/pond-path.js';
import { type NodeRow, ROOT_ID } from '../../domain/tree/node-row.js';
import type { Steps } from '../../effects/steps.js';
import type { PersistenceError, PersistenceView } from '../persistence.js';
import type { Directories } from './directories.js';

/** The state before a span of transactions, or the one after it. */
export type Moment = 'before' | 'after';

/** Rows that a span of transactions wrote, by node, and where else to look. */
export interface SpanRows {
  readonly view: PersistenceView;
  readonly directories: Directories;
  /** The last transaction before the span; 0 for a span from the beginning. */
  readonly since: number;
  /** The last transaction of the span. */
  readonly upTo: number;
  /** Rows in ascending order of version. */
  readonly byNode: ReadonlyMap<string, readonly NodeRow[]>;
  /** Paths of directories that were computed before, by moment and id. */
  readonly paths: Map<string, PondPath>;
}

/** A node's newest row before or after the span; undefined where there was no such node. */
export const rowAt = async (
  s: Steps<PersistenceError>,
  span: SpanRows,
  nodeId: string,
  moment: Moment,
): Promise<NodeRow | undefined> => {
  const written = span.byNode.get(nodeId);
  const bound = moment === 'before' ? span.since : span.upTo;
  const first = written?.[0];
  if (written === undefined || first === undefined) {
    const history = span.directories.historyOf(nodeId) ?? (await s.run(span.view.rowsOfNode(nodeId)));
    return history.findLast((row) => row.txnSeq <= bound);
  }
  if (moment === 'after') return written.at(-1);
  // Versions count from 1. A span's first row of a node is in the directory where the node was before: what
  // was moved away leaves a tombstone there.
  if (first.version === 1) return undefined;
  const directory = await s.run(span.directories.get(first.partId));
  return directory.rows.get(nodeId)?.findLast((row) => row.txnSeq <= bound);
};

/** Returns the path of a row's entry before or after the span. */
export const pathAt = async (
  s: Steps<PersistenceError>,
  span: SpanRows,
  row: NodeRow,
  moment: Moment,
): Promise<PondPath> => childOf(await directoryPathAt(s, span, row, moment, 0), row.name);

/** The path of the directory that a row is in; computed once for all that is in it. */
const directoryPathAt = async (
  s: Steps<PersistenceError>,
  span: SpanRows,
  row: NodeRow,
  moment: Moment,
  depth: number,
): Promise<PondPath> => {
  if (row.partId === ROOT_ID) return ROOT;
  const key = `${moment} ${row.partId}`;
  const known = span.paths.get(key);
  if (known !== undefined) return known;
  const directory = await rowAt(s, span, row.partId, moment);
  if (directory === undefined || depth > DEPTH_MAX) return s.fail(lost(row));
  const path = childOf(await directoryPathAt(s, span, directory, moment, depth + 1), directory.name);
  span.paths.set(key, path);
  return path;
};

/** Deeper than any path is long: a log in which directories hold each other. */
const DEPTH_MAX = 4096;

const lost = (row: NodeRow): PersistenceError => ({
  _tag: 'CorruptData',
  path: row.nodeId,
  problem: `the directory ${row.partId} of ${JSON.stringify(row.name)} has no way to the root`,
});
