import type { PondPath } from '../../domain/paths/pond-path.js';
import type { EntryType } from '../../domain/tree/node-row.js';

/** Directory in which the steward looks for what follows a commit. */
export const SYSTEM_DIRECTORY = '/etc/system.d' as PondPath;

/** Directory in which the steward looks for what runs before a commit and may refuse it. */
export const GATE_DIRECTORY = '/etc/gate.d' as PondPath;

/** Directory in which the steward looks for what runs at its time. */
export const SCHEDULE_DIRECTORY = '/etc/schedule.d' as PondPath;

/** Directory in which the steward looks for folders of the host's whose files are taken in. */
export const WATCH_DIRECTORY = '/etc/watch.d' as PondPath;

/** The reserved name in {@link SYSTEM_DIRECTORY}: how the entries are scheduled. */
export const SCHEDULE_NAME = 'config.yaml';

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
