import type { FileSystem } from '../../ports/file-system.js';
import { makeDurableDirectory } from '../durable-directory.js';
import { run } from '../failure.js';
import type { TableLayout } from '../table-layout.js';
import { isBlob } from './content-staging.js';

/** A blob that a commit refers to. */
export interface NeededBlob {
  readonly digest: string;
  readonly size: number;
  /** Path where it is staged, complete and fsynced; null where it must be among the committed ones. */
  readonly staged: string | null;
  /** Its bytes, where they are held in memory: nothing of it is placed. */
  readonly held?: Uint8Array;
}

/**
 * Makes all blobs that a commit refers to durable under their digests, but for those whose bytes are held in memory, and returns the paths of the new ones. One
 * that is used again is fsynced, too: whoever put it there may have died before it did so. `onPlaced` is told of
 * each new one at once, so that a failure further on can take it back.
 */
export const placeBlobs = (
  files: FileSystem,
  layout: TableLayout,
  blobs: readonly NeededBlob[],
  onPlaced: (path: string) => void,
): void => {
  const directories = new Set<string>();
  for (const { digest, size, staged, held } of blobs) {
    if (held !== undefined) continue;
    const directory = layout.blobDir(digest);
    if (!directories.has(directory)) makeDurableDirectory(files, directory, layout.dataDir);
    directories.add(directory);
    const path = layout.blob(digest);
    if (staged === null || isBlob(files, layout, digest, size)) {
      run(files.fsyncFile(path));
      if (staged !== null) run(files.remove(staged));
    } else {
      run(files.rename(staged, path));
      onPlaced(path);
    }
  }
  for (const directory of directories) run(files.fsyncDirectory(directory));
};
