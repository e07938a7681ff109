import type { DataFile } from '../log/log-entry.js';
import type { Replay } from './log-replay.js';
import type { TableSource } from './table-source.js';

/**
 * Data files that are no longer of the table because contents in them were forgotten, and are still there: rows in them
 * refer to what no other row does.
 */
export const replacedFiles = (
  { files, layout }: TableSource,
  { removed, replaced }: Pick<Replay, 'removed' | 'replaced'>,
): readonly DataFile[] =>
  [...replaced.values()].filter(
    ({ path }) => removed.has(path) && files.stat(layout.dataFile(path))()._tag === 'Right',
  );
