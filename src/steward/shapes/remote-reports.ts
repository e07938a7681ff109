import type { Verification } from '../../remotes/pull/verify.js';
import type { PushReport } from '../../remotes/push/push.js';
import type { Usage } from '../../stores/usage.js';
import type { TransferOptions } from './transfer-options.js';

/** A remote of the settings, and how far behind it is as far as this place of the pond knows. */
export interface RemoteLag {
  readonly name: string;
  readonly url: string;
  /** The newest commit that was pushed from here; null: none. */
  readonly pushedTxnSeq: number | null;
  /** Commits that have not been pushed from here. */
  readonly behind: number;
  /** Microseconds since the epoch: the newest push that has ended well. */
  readonly pushedAt: number | null;
}

/** Origin of a replica, and when it was brought up to date, in microseconds since the epoch. */
export interface ReplicaOrigin {
  readonly url: string;
  readonly pulledAt: number | null;
}

/** Options of pushing a pond. */
export interface PushOptions extends TransferOptions {
  /** Bytes in both directions, and requests, that the remote may have today; default: what the settings say, or no limit. */
  readonly maxBytes?: number;
  readonly maxRequests?: number;
  /** Looks for what the remote need not keep any more even if that was done today. */
  readonly prune?: boolean;
}

/** Result of a push to one remote. */
export interface PushedRemote extends PushReport {
  readonly name: string;
  readonly url: string;
  /** Objects that nothing names any more and that were removed there. */
  readonly pruned: number;
  readonly usage: Usage;
}

/** A remote as the settings have it. Credentials never stand in it. */
export interface RemoteSettings {
  /** `s3://bucket/prefix` or `file:///directory`. */
  readonly url: string;
  /** The server of an S3 store other than Amazon's, `https://minio.local:9000`. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Bytes, in both directions, and requests that one day may have; without it there is no limit. */
  readonly max_bytes?: number;
  readonly max_requests?: number;
}

/** Result of comparing a remote with the pond. */
export interface VerifiedRemote extends Verification {
  /** Name in the settings; null: where the replica comes from. */
  readonly name: string | null;
  readonly url: string;
}

/** State of a pond before it was promoted, and the incarnation in which it is written now. */
export interface Promotion {
  /** `elsewhere`: it had been written at another place. `pond`: it took writes here already. */
  readonly was: 'replica' | 'elsewhere' | 'pond';
  readonly incarnation: string | null;
}
