import { type NodeRow, ROOT_ID } from '../../domain/tree/node-row.js';

/** All rows of a table by node, and where the nodes are. */
export interface NodeTree {
  /** Rows of each node in ascending order of version. */
  readonly histories: ReadonlyMap<string, readonly NodeRow[]>;
  /** The newest row of each entry that is there now. */
  readonly entries: readonly NodeRow[];
  /** Returns the path of a row's entry, or its last one, as the directories are called now; null where its parents lead nowhere. */
  readonly pathOf: (row: NodeRow) => string | null;
  /** Returns how the way from a row's entry to the root breaks off; null where it does not. */
  readonly brokenWay: (row: NodeRow) => BrokenWay | null;
}

export type BrokenWay = 'missing' | 'removed' | 'no-directory' | 'cycle';

export const nodeTree = (rows: Iterable<NodeRow>): NodeTree => {
  const histories = new Map<string, NodeRow[]>();
  for (const row of rows) {
    const history = histories.get(row.nodeId);
    if (history === undefined) histories.set(row.nodeId, [row]);
    else history.push(row);
  }
  for (const history of histories.values()) history.sort((a, b) => a.version - b.version);

  const newestOf = (nodeId: string) => histories.get(nodeId)?.at(-1);
  const entries = [...histories.values()].flatMap((history) => {
    const newest = history.at(-1);
    return newest === undefined || newest.deleted ? [] : [newest];
  });

  /** The directories above a row, from its own upwards; a string where the way ends before the root. `removed` ones end it, or are gone through. */
  const wayUp = (row: NodeRow, removed: 'end it' | 'gone through'): readonly NodeRow[] | BrokenWay => {
    const way: NodeRow[] = [];
    const seen = new Set<string>([row.nodeId]);
    for (let at = row.partId; at !== ROOT_ID; ) {
      const parent = newestOf(at);
      if (parent === undefined) return 'missing';
      if (seen.has(at)) return 'cycle';
      if (parent.fileType !== 'directory') return 'no-directory';
      if (parent.deleted && removed === 'end it') return 'removed';
      seen.add(at);
      way.push(parent);
      at = parent.partId;
    }
    return way;
  };

  return {
    histories,
    entries,
    pathOf: (row) => {
      const way = wayUp(row, 'gone through');
      return typeof way === 'string'
        ? null
        : `/${[...way.map(({ name }) => name).reverse(), row.name].join('/')}`;
    },
    brokenWay: (row) => {
      const way = wayUp(row, 'end it');
      return typeof way === 'string' ? way : null;
    },
  };
};
