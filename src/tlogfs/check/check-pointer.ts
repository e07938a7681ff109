import { isMissing, problemOf } from '../failure.js';
import { readPointer } from '../log/table.js';
import type { TableFinding } from './table-finding.js';
import type { TableSource } from './table-source.js';

interface CheckedPointer {
  /** The checkpoint that it points at; null where it points at none. */
  readonly version: number | null;
  /** Returns what is wrong with it, given the checkpoints that there are and what is wrong with those. */
  readonly findings: (
    checkpoints: ReadonlySet<number | null>,
    known: readonly TableFinding[],
  ) => readonly TableFinding[];
}

/** `_last_checkpoint`: only a shortcut, so a wrong one costs time and loses nothing. */
export const checkPointer = (source: TableSource): CheckedPointer => {
  const { files, layout, named } = source;
  const file = named(layout.lastCheckpoint);
  const wrong = (problem: string): readonly TableFinding[] => [
    { _tag: 'LastCheckpointWrong', file, problem },
  ];
  const content = files.readFile(layout.lastCheckpoint)();
  if (content._tag === 'Left') {
    if (!isMissing(content.left)) {
      const problem = problemOf(content.left);
      return { version: null, findings: () => wrong(`it cannot be read (${problem})`) };
    }
    return {
      version: null,
      findings: (checkpoints) =>
        [...checkpoints].some((version) => version !== null) ? [{ _tag: 'LastCheckpointMissing', file }] : [],
    };
  }
  const pointer = readPointer(layout.lastCheckpoint, content.right);
  if (pointer === null) return { version: null, findings: () => wrong('it cannot be read') };
  const { version, sizeInBytes } = pointer;
  return {
    version,
    findings: (checkpoints, known) => {
      if (!checkpoints.has(version)) {
        // Maintenance may have replaced both since: what is there now counts.
        const now = files.readFile(layout.lastCheckpoint)();
        const changed = now._tag === 'Right' && !Buffer.from(now.right).equals(content.right);
        return changed ? [] : wrong(`it points at version ${version}, which has no checkpoint`);
      }
      const damaged = known.some((one) => 'version' in one && one.version === version);
      const found = files.stat(layout.checkpoint(version))();
      return sizeInBytes == null || damaged || found._tag === 'Left' || found.right.size === sizeInBytes
        ? []
        : wrong(`it says ${sizeInBytes} bytes of a checkpoint of ${found.right.size}`);
    },
  };
};
