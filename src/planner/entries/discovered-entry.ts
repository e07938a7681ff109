import type { PondPath } from '../../domain/paths/pond-path.js';
import type { EntryType } from '../../domain/tree/node-row.js';

/** An entry of `/etc/system.d` as it was found, symlinks resolved. */
export interface DiscoveredEntry {
  /** The entry's own path, also where it is a symlink. */
  readonly path: PondPath;
  /** Type of what the path leads to. */
  readonly entryType: EntryType;
  /** Id of the dynamic node or file that it leads to. */
  readonly nodeId: string | null;
  /** The factory of a dynamic node. */
  readonly nodeFactory: string | null;
  readonly content:
    | { readonly _tag: 'Bytes'; readonly bytes: Uint8Array }
    /** A directory, a table: nothing that could be a configuration. */
    | { readonly _tag: 'NoConfiguration' }
    | { readonly _tag: 'Unreadable'; readonly problem: string };
}
