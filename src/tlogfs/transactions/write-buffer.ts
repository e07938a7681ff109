import type { NodeRow } from '../../domain/tree/node-row.js';
import type { StoredContent } from '../../tinyfs/persistence.js';

/** A row that a transaction has written, with its content. */
export interface BufferedRow {
  readonly row: NodeRow;
  readonly content: StoredContent | null;
}

type Identity = Pick<NodeRow, 'partId' | 'nodeId' | 'version'>;

/** The rows that a write transaction has written so far. */
export interface WriteBuffer {
  readonly put: (row: NodeRow, content: StoredContent | null) => void;
  readonly discard: (row: Identity) => void;
  readonly find: (row: Identity) => BufferedRow | null;
  readonly rows: () => readonly BufferedRow[];
  readonly inDirectory: (partId: string) => readonly NodeRow[];
}

export const writeBuffer = (): WriteBuffer => {
  const directories = new Map<string, Map<string, BufferedRow>>();
  // Most rows are of new nodes: a text less for each of them.
  const keyOf = ({ nodeId, version }: Identity) => (version === 1 ? nodeId : `${nodeId}@${version}`);
  return {
    put: (row, content) => {
      const directory = directories.get(row.partId) ?? new Map<string, BufferedRow>();
      directories.set(row.partId, directory.set(keyOf(row), { row, content }));
    },
    discard: (row) => {
      directories.get(row.partId)?.delete(keyOf(row));
    },
    find: (row) => directories.get(row.partId)?.get(keyOf(row)) ?? null,
    rows: () => [...directories.values()].flatMap((directory) => [...directory.values()]),
    inDirectory: (partId) => [...(directories.get(partId)?.values() ?? [])].map(({ row }) => row),
  };
};
