import type { PersistenceView, PersistenceWriter } from '../../src/tinyfs/persistence.js';

/** A write transaction that a test has begun. */
export interface BegunWrite {
  readonly writer: PersistenceWriter;
  readonly txn: { readonly txnSeq: number; readonly timestamp: number };
  readonly commit: () => Promise<void>;
  readonly abort: () => Promise<void>;
}

/** One persistence with nothing in it, as the tests use it. A failing call rejects. */
export interface PersistenceHarness {
  /** The next transaction's number is the last committed one's plus one. */
  readonly beginWrite: () => Promise<BegunWrite>;
  /** The newest snapshot, or the state of transaction `at`. */
  readonly snapshot: (at?: number) => Promise<PersistenceView>;
  readonly dispose: () => Promise<void>;
}

export type MakePersistence = () => Promise<PersistenceHarness>;
