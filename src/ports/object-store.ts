import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** A call to a store, as errors and spans name it. */
export type StoreCall = 'put' | 'get' | 'head' | 'list' | 'delete' | 'upload';

/** The store could not be reached, or did not do what it was asked to. */
export interface StoreFailed {
  readonly _tag: 'StoreFailed';
  /** Address of the store, without secrets. */
  readonly store: string;
  readonly call: StoreCall;
  /** The object, or the prefix of a list. */
  readonly key: string;
  /** Such as `ECONNREFUSED`, `AccessDenied`, `503`, `TIMEOUT`. */
  readonly code: string;
  readonly message: string;
  /** Tells whether the same call may succeed later. Whether this one has had its effect is then not known. */
  readonly isTransient: boolean;
  /** Milliseconds that the store asks its callers to wait; null: it does not say. */
  readonly retryAfterMs: number | null;
}

/** There is no object of that key. */
export interface ObjectMissing {
  readonly _tag: 'ObjectMissing';
  /** Address of the store, without secrets. */
  readonly store: string;
  readonly key: string;
}

/** The condition of a write did not hold: nothing was written. */
export interface ConditionFailed {
  readonly _tag: 'ConditionFailed';
  /** Address of the store, without secrets. */
  readonly store: string;
  readonly key: string;
}

export type StoreCallError = StoreFailed | ObjectMissing | ConditionFailed;

/** `Absent`: no object of the key is there. `Unchanged`: the one that is there has this tag. */
export type PutCondition =
  | { readonly _tag: 'Absent' }
  | { readonly _tag: 'Unchanged'; readonly etag: string };

/** Facts that a store has about an object. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** A tag that another content under the same key does not have. */
  readonly etag: string;
  /** Microseconds since the epoch, by the store's clock. */
  readonly modifiedAt: number;
}

export interface PutRequest {
  readonly key: string;
  readonly content: Uint8Array;
  /** Default: whatever is there is replaced. */
  readonly condition?: PutCondition;
  readonly contentType?: string;
}

export interface GetRequest {
  readonly key: string;
  /** Bytes from `offset` on; fewer at the end of the object. Default: all of it. */
  readonly range?: { readonly offset: number; readonly length: number };
  /** Bytes that are read at most; where there are more, the call fails with {@link TOO_LARGE}. Default: all. */
  readonly maxBytes?: number;
  /** Room of its caller's for `maxBytes` bytes; a store may put them there, and what is got is then the beginning of it. */
  readonly into?: Uint8Array;
}

/** Code of an object that has more bytes than are read of it. */
export const TOO_LARGE = 'TOO_LARGE';

/** Code of an answer that lacks what every store says: something stands in the store's place, or the store is an odd one. */
export const NOT_OF_THE_STORE = 'NOT_OF_THE_STORE';

export interface ListRequest {
  /** The beginning of the keys that are wanted. */
  readonly prefix: string;
  /** Only keys that come after this one, in the order of their bytes. */
  readonly after?: string;
}

/** One answer to a list, keys in the order of their bytes. */
export interface ListPage {
  readonly objects: readonly ObjectInfo[];
  /** Tells whether more follow: they are asked for by the last key. */
  readonly isTruncated: boolean;
}

/** A large object that is being sent in parts, and is not there before it is completed. */
export interface Upload {
  readonly key: string;
  readonly id: string;
}

/** A part that has arrived. Parts count from 1. */
export interface UploadPart {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
}

/**
 * A place with objects by key. Every call is one request, ends when the signal aborts, and is not repeated here. Whoever
 * has put an object finds it in a get, a head and a list that begin afterwards. A put is there with all of its bytes or not at all.
 */
export interface ObjectStore {
  /** Its address for people, without secrets. */
  readonly url: string;
  /** Fails with `ConditionFailed` where the condition does not hold; of several at once with `Absent` exactly one succeeds. */
  readonly put: (
    request: PutRequest,
    signal: AbortSignal,
  ) => TaskEither<StoreCallError, { readonly etag: string }>;
  readonly get: (
    request: GetRequest,
    signal: AbortSignal,
  ) => TaskEither<StoreCallError, { readonly content: Uint8Array; readonly etag: string }>;
  readonly head: (key: string, signal: AbortSignal) => TaskEither<StoreCallError, ObjectInfo>;
  readonly list: (request: ListRequest, signal: AbortSignal) => TaskEither<StoreCallError, ListPage>;
  /** A missing object is fine. */
  readonly delete: (key: string, signal: AbortSignal) => TaskEither<StoreCallError, void>;
  readonly uploads: {
    readonly begin: (
      request: Pick<PutRequest, 'key' | 'contentType'>,
      signal: AbortSignal,
    ) => TaskEither<StoreCallError, Upload>;
    /** A part that is put again replaces the one before. All but the last have at least 5 MiB. */
    readonly put: (
      upload: Upload,
      part: { readonly number: number; readonly content: Uint8Array },
      signal: AbortSignal,
    ) => TaskEither<StoreCallError, UploadPart>;
    /** `Absent`, as in a put: fails with `ConditionFailed` where an object of the key is there. */
    readonly complete: (
      upload: Upload,
      parts: readonly UploadPart[],
      condition: Extract<PutCondition, { readonly _tag: 'Absent' }> | null,
      signal: AbortSignal,
    ) => TaskEither<StoreCallError, void>;
    readonly abort: (upload: Upload, signal: AbortSignal) => TaskEither<StoreCallError, void>;
    /** Uploads of one key that are neither completed nor aborted. */
    readonly unfinished: (key: string, signal: AbortSignal) => TaskEither<StoreCallError, readonly Upload[]>;
    readonly parts: (
      upload: Upload,
      signal: AbortSignal,
    ) => TaskEither<StoreCallError, readonly UploadPart[]>;
  };
  /** Lets go of its connections. */
  readonly close: () => void;
}

/** Address of a store. Credentials never stand in it: they come from the environment. */
export interface StorePlace {
  /** `s3://bucket/prefix` or `file:///directory`. */
  readonly url: string;
  /** The server of an S3 store other than Amazon's, `https://minio.local:9000`. */
  readonly endpoint?: string;
  readonly region?: string;
}

/** An address that is not one of a store. */
export interface InvalidPlace {
  readonly _tag: 'InvalidPlace';
  readonly url: string;
  readonly problem: string;
}

/** Opens stores; what a kind of store needs is loaded with the first one. */
export interface ObjectStores {
  readonly open: (place: StorePlace) => TaskEither<InvalidPlace, ObjectStore>;
}
