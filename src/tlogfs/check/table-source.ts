import type { FileSystem } from '../../ports/file-system.js';
import { isCorrupt, isFileSystemError, isMissing, problemOf } from '../failure.js';
import { checksumProblem } from '../log/entry-checksum.js';
import { readEntryText } from '../log/entry-text.js';
import { decodeLogEntry, type LogEntry } from '../log/log-entry.js';
import type { TableLayout } from '../table-layout.js';

/** Source that a check of the table reads. */
export interface TableSource {
  readonly files: FileSystem;
  readonly layout: TableLayout;
  /** A file's name from the pond's directory, for people. */
  readonly named: (path: string) => string;
}

/** An entry; null where it is missing, what is wrong with it where it cannot be read. */
export const readEntry = ({ files, layout }: TableSource, version: number): LogEntry | string | null => {
  const path = layout.logEntry(version);
  try {
    const content = readEntryText(files, layout, version);
    const entry = decodeLogEntry(path, content);
    return checksumProblem(content) ?? entry;
  } catch (error) {
    if (isMissing(error)) return null;
    if (isCorrupt(error)) return error.problem;
    if (isFileSystemError(error)) return problemOf(error);
    throw error;
  }
};

/** Names in a directory; none where it is missing. */
export const listed = (files: FileSystem, directory: string): readonly string[] => {
  const names = files.readDirectory(directory)();
  if (names._tag === 'Right') return names.right;
  if (names.left.code === 'ENOENT' || names.left.code === 'ENOTDIR') return [];
  throw names.left;
};
