import type { FileSystem } from '../../ports/file-system.js';
import { run } from '../failure.js';
import type { TableLayout } from '../table-layout.js';

/**
 * Returns the bytes of the log entry of a version exactly as they were published, wherever they are kept. Throws a
 * `FileSystemError` (`ENOENT` where there is no such version, or another engine has removed its entry). Whoever needs
 * the text of an entry, to send it somewhere or to read the history, asks here and not for a file of the log's folder.
 */
export const readEntryText = (
  files: Pick<FileSystem, 'readFile'>,
  layout: Pick<TableLayout, 'logEntry'>,
  version: number,
): Uint8Array => run(files.readFile(layout.logEntry(version)));
