import type { PullReport } from '../../remotes/pull/pull.js';
import type { TransferStep } from '../../remotes/transfer-step.js';
import type { Usage } from '../../stores/usage.js';
import type { OpenOptions } from './open-options.js';

/** State of a transfer between a pond and a store. */
export interface TransferProgress {
  /** Address of the store, without secrets. */
  readonly url: string;
  /** Use of the store so far. */
  readonly usage: Usage;
  /** Null where nothing is known yet of how much it is to be. */
  readonly step: TransferStep | null;
}

/** Options of everything that is brought from a store, or sent there. */
export interface TransferOptions {
  /** Its abort ends the transfer with `TransferInterrupted`. */
  readonly signal?: AbortSignal;
  /** Hears how far it is, after each request and each step. */
  readonly onProgress?: (progress: TransferProgress) => void;
}

/** Options of what reads the log of a remote, which somebody else may have written. */
export interface LogReadingOptions extends TransferOptions {
  /** Bytes that its log entries may have, default 256 MiB; more is `RemoteTooLarge`. */
  readonly maxLogBytes?: number;
}

/** Options of fetching a pond from a remote. */
export interface FetchOptions extends OpenOptions, LogReadingOptions {
  /** `replica`: it stays one, and follows the remote. `pond`: one of its own, in a new incarnation. */
  readonly as: 'replica' | 'pond';
  /** The commit whose state a pond is to have. Default: the newest. */
  readonly at?: number;
}

/** Result of fetching. */
export interface FetchedPond extends PullReport {
  /** The content root of the pond, to be compared with that of the original. */
  readonly contentRoot: string;
}
