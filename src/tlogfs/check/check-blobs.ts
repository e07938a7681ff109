import type { NodeRow } from '../../domain/tree/node-row.js';
import { isFileSystemError, isMissing, problemOf, run } from '../failure.js';
import { type ContentOptions, digestOf } from './check-data-file.js';
import type { NodeTree } from './node-tree.js';
import type { TableFinding } from './table-finding.js';
import type { TableSource } from './table-source.js';

export interface CheckedBlobs {
  readonly findings: readonly TableFinding[];
  readonly count: number;
}

/** The blobs that rows refer to: each is there, has its size and, unless only structure is checked, its digest. */
export const checkBlobs = async (
  { files, layout, named }: TableSource,
  rows: Iterable<NodeRow>,
  tree: NodeTree,
  { quick, onBytes }: ContentOptions,
): Promise<CheckedBlobs> => {
  const findings: TableFinding[] = [];
  const seen = new Set<string>();
  for (const row of rows) {
    const { sha256: digest, nodeId, version } = row;
    if (row.storageFormat !== 'external' || digest === null || seen.has(digest)) continue;
    seen.add(digest);
    const path = layout.blob(digest);
    const about = () => ({ path: tree.pathOf(row), nodeId, version, file: named(path) });
    try {
      const { size } = run(files.stat(path));
      const problem =
        size !== row.size
          ? `${row.size} bytes expected, ${size} found`
          : quick || (await digestOf(files, path, onBytes)) === digest
            ? null
            : 'it does not have its digest';
      if (problem !== null) findings.push({ _tag: 'BlobDamaged', ...about(), problem });
    } catch (error) {
      if (isMissing(error)) findings.push({ _tag: 'BlobMissing', ...about() });
      else if (isFileSystemError(error)) {
        findings.push({ _tag: 'BlobDamaged', ...about(), problem: problemOf(error) });
      } else throw error;
    }
  }
  return { findings, count: seen.size };
};
