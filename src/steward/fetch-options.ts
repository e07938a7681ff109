import type { PullReport } from '../remotes/pull.js';
import type { OpenOptions } from './open-options.js';
import type { LogReadingOptions } from './transfer-options.js';

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
