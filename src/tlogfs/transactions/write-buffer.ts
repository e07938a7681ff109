import type { NodeRow } from '../../domain/tree/node-row.js';
import type { PersistenceWriter, WrittenRow } from '../../tinyfs/persistence.js';

type Identity = Pick<NodeRow, 'partId' | 'nodeId' | 'version'>;

/** The rows that a write transaction has written so far. */
export interface WriteBuffer {
  readonly put: PersistenceWriter['put'];
  readonly discard: (row: Identity) => void;
  readonly find: (row: Identity) => WrittenRow | null;
  readonly rows: () => readonly WrittenRow[];
  readonly inDirectory: (partId: string) => readonly NodeRow[];
}

export const writeBuffer = (): WriteBuffer => {
  const directories = new Map<string, Map<string, WrittenRow>>();
  // Most rows are of new nodes: a text less for each of them.
  const keyOf = ({ nodeId, version }: Identity) => (version === 1 ? nodeId : `${nodeId}@${version}`);
  return {
    put: (row, content) => {
      const written = { row, content };
      const directory = directories.get(row.partId) ?? new Map<string, WrittenRow>();
      directories.set(row.partId, directory.set(keyOf(row), written));
      return written;
    },
    discard: (row) => {
      directories.get(row.partId)?.delete(keyOf(row));
    },
    find: (row) => directories.get(row.partId)?.get(keyOf(row)) ?? null,
    rows: () => [...directories.values()].flatMap((directory) => [...directory.values()]),
    inDirectory: (partId) => [...(directories.get(partId)?.values() ?? [])].map(({ row }) => row),
  };
};
