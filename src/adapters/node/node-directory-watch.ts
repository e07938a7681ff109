import { watch } from 'node:fs';
import type { DirectoryWatch } from '../../ports/directory-watch.js';

/** The operating system's notices. Where it has none left to give, or ends them, there are no more. */
export const nodeDirectoryWatch: DirectoryWatch = {
  watch: (directory, changed) => {
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => changed(name));
      watcher.on('error', () => watcher.close());
      return () => watcher.close();
    } catch {
      // Whoever watches looks by itself, too.
      return () => undefined;
    }
  },
};
