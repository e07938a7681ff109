import type { FileSystem } from '../../ports/file-system.js';
import { isMissing, isUnreadable } from '../failure.js';
import type { DataFile } from '../log/log-entry.js';
import { blobsIn } from '../rows/blobs-in.js';
import { rowFiles } from '../rows/row-files.js';
import { tableLayout } from '../table-layout.js';
import type { FoundStray } from './find-strays.js';
import { readEntry, type TableSource, UnreadEntry } from './table-source.js';

/**
 * Strays that are strays still, given that nobody holds the writer's lock since they were found: those that no
 * commit that came after `version` refers to, and that are still there.
 */
export const confirmStrays = async (
  files: FileSystem,
  dataDir: string,
  version: number,
  found: readonly FoundStray[],
): Promise<readonly FoundStray[]> => {
  const layout = tableLayout(dataDir);
  const source: TableSource = { files, layout, named: (path) => path };
  const used = new Set<string>();
  for (let next = version + 1; ; next += 1) {
    const entry = readEntry(source, next);
    if (entry === null || entry instanceof UnreadEntry) break;
    for (const add of entry.adds) {
      used.add(layout.dataFile(add.path));
      for (const digest of await blobsOfAdded(source, add)) used.add(layout.blob(digest));
    }
  }
  return found.filter(({ path }) => !used.has(path) && files.stat(path)()._tag === 'Right');
};

const blobsOfAdded = async ({ files, layout }: TableSource, file: DataFile): Promise<ReadonlySet<string>> => {
  try {
    return await blobsIn(rowFiles(files, layout), [file]);
  } catch (error) {
    // Merged away already, or damaged: the next check tells.
    if (isMissing(error) || isUnreadable(error)) return new Set();
    throw error;
  }
};
