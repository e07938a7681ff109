import type { FileSystem } from '../../ports/file-system.js';
import type { Ids } from '../../ports/ids.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import type { LogEntry } from '../../tlogfs/log/log-entry.js';
import type { TransferStep } from '../transfer-step.js';

export interface PullDeps {
  readonly files: FileSystem;
  /** The data directory of a replica, or of a pond that is being restored. */
  readonly dataDir: string;
  readonly store: ReliableStore;
  readonly ids: Ids;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Bytes that the log entries of the remote may have. Default: 256 MiB. */
  readonly maxLogBytes?: number;
  /** Hears of each step that is done. Default: nobody does. */
  readonly onStep?: (step: TransferStep) => void;
}

/** An entry as it arrived. */
export interface FetchedEntry {
  readonly version: number;
  readonly text: Uint8Array;
  readonly entry: LogEntry;
}
