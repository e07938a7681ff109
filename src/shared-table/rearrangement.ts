import { isOwnEntry } from '../tlogfs/log/entry-checksum.js';
import type { DataFile } from '../tlogfs/log/log-entry.js';
import type { TableState } from '../tlogfs/log/table-state.js';
import type { ReadEntry } from './bucket-log.js';

/**
 * Tells whether an entry was made by another engine and leaves every row as it is: it has put files together. What this program makes says
 * so, and was made by somebody who held the lock. Beyond what the entry claims, the files that it removes are such as the table had, and those
 * that it adds have as many rows, as far as both are told.
 */
export const isRearrangement = (
  { version, text, entry }: ReadEntry,
  before: Pick<TableState, 'version' | 'files'>,
): boolean => {
  const { transaction, protocol, metaData, txns, adds, removes } = entry;
  const changesNothing =
    !isOwnEntry(text) &&
    transaction === null &&
    protocol === null &&
    metaData === null &&
    txns.length === 0 &&
    [...adds, ...removes].every(({ dataChange }) => !dataChange);
  // Somebody else in this process may have taken it in already.
  if (!changesNothing || before.version !== version - 1) return changesNothing;
  const removed = removes.flatMap(({ path }) => before.files.get(path) ?? []);
  if (removed.length < removes.length) return false;
  const [rowsBefore, rowsAfter] = [rowsOf(removed), rowsOf(adds)];
  return rowsBefore === null || rowsAfter === null || rowsBefore === rowsAfter;
};

/** Rows of files; null where one does not say how many it has. */
const rowsOf = (files: readonly DataFile[]): number | null =>
  files.some(({ bounds }) => bounds.rows === 0)
    ? null
    : files.reduce((sum, { bounds }) => sum + bounds.rows, 0);
