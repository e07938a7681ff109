import type { FileSystem } from '../../ports/file-system.js';
import { isCorrupt, isFileSystemError, isMissing, isUnreadable, problemOf } from '../failure.js';
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

/** Entry that cannot be read: it is damaged, or in order and not supported. */
export class UnreadEntry {
  constructor(
    readonly finding: 'LogEntryUnreadable' | 'LogEntryNotSupported',
    readonly problem: string,
  ) {}
}

/** An entry; null where it is missing. */
export const readEntry = ({ files, layout }: TableSource, version: number): LogEntry | UnreadEntry | null => {
  const path = layout.logEntry(version);
  const damaged = (problem: string) => new UnreadEntry('LogEntryUnreadable', problem);
  try {
    const content = readEntryText(files, layout, version);
    const entry = decodeLogEntry(path, content);
    const problem = checksumProblem(content);
    return problem === null ? entry : damaged(problem);
  } catch (error) {
    if (isMissing(error)) return null;
    if (isCorrupt(error)) return damaged(error.problem);
    if (isUnreadable(error)) return new UnreadEntry('LogEntryNotSupported', error.problem);
    if (isFileSystemError(error)) return damaged(problemOf(error));
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
