import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import type { LocalLog } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import type { TransferStep } from '../transfer-step.js';
import type { ContentSending } from './send-contents.js';

/** Facts that a pond knows about a remote that it pushes to. They are kept between pushes; without them a push only takes longer. */
export interface KnownRemote {
  /** The version that was pushed last; -1: none. */
  readonly version: number;
  readonly txnSeq: number;
  /** The tag of its entry. */
  readonly etag: string;
  /** Tells whether the store has been seen to heed conditions. */
  readonly isProbed: boolean;
  /** A push has begun and not ended: what it has sent is looked for, and not sent again. */
  readonly isUnfinished: boolean;
  /** The newest checkpoint that is there; -1: none. */
  readonly checkpoint: number;
  /** The `_last_checkpoint` that is still to be written for it; null: it is there. */
  readonly pendingPointer: string | null;
}

export const UNKNOWN_REMOTE: KnownRemote = {
  version: -1,
  txnSeq: 0,
  etag: '',
  isProbed: false,
  isUnfinished: true,
  checkpoint: -1,
  pendingPointer: null,
};

export interface PushDeps {
  readonly files: FileSystem;
  readonly dataDir: string;
  readonly store: ReliableStore;
  readonly known: KnownRemote;
  /** Keeps what is known by now, durably. */
  readonly save: (known: KnownRemote) => TaskEither<RemoteError, void>;
  /** A name that nobody else has. */
  readonly uniqueName: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears of each step that is done. Default: nobody does. */
  readonly onStep?: (step: TransferStep) => void;
}

/** A push under way. */
export interface Pushing extends PushDeps {
  readonly local: LocalLog;
  /** The remote's newest version before. */
  readonly tip: number;
  readonly contents: ContentSending;
}
