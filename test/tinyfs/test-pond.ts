import { expect } from 'vitest';
import type { Change } from '../../src/domain/tree/change.js';
import type { NodeRow } from '../../src/domain/tree/node-row.js';
import type { PersistenceView } from '../../src/tinyfs/persistence.js';
import { createReader } from '../../src/tinyfs/reading/create-reader.js';
import type { PondReader, PondWriter } from '../../src/tinyfs/tinyfs.js';
import { changesOf } from '../../src/tinyfs/tree/changes.js';
import { createWriter } from '../../src/tinyfs/writing/create-writer.js';
import { countedIds } from './counted-ids.js';
import { ok, textIn } from './expectations.js';
import type { BegunWrite, MakePersistence, PersistenceHarness } from './persistence-harness.js';
import { type TestFactories, testFactories } from './test-factories.js';

/** A filesystem on a persistence, transaction by transaction. */
export interface TestPond {
  readonly harness: PersistenceHarness;
  readonly factories: TestFactories;
  readonly begin: () => Promise<BegunWrite & { readonly fs: PondWriter }>;
  /** Runs a body in a write transaction and commits it. */
  readonly write: (body: (fs: PondWriter) => Promise<unknown>) => Promise<Written>;
  readonly reader: (at?: number) => Promise<PondReader>;
  readonly view: (at?: number) => Promise<PersistenceView>;
  /** The text of a file in the newest snapshot, or at a transaction. */
  readonly text: (path: string, at?: number) => Promise<string>;
}

export interface Written {
  readonly txnSeq: number;
  /** What the transaction changed, as it was known before the commit and as it is known after it. */
  readonly changes: readonly Change[];
  readonly rows: readonly NodeRow[];
}

export const makeTestPond = async (makePersistence: MakePersistence): Promise<TestPond> => {
  const harness = await makePersistence();
  const factories = testFactories();
  const ids = countedIds();

  const begin: TestPond['begin'] = async () => {
    const begun = await harness.beginWrite();
    return { ...begun, fs: createWriter(begun.writer, begun.txn, ids, factories.load) };
  };
  const reader: TestPond['reader'] = async (at) => createReader(await harness.snapshot(at), factories.load);
  return {
    harness,
    factories,
    begin,
    write: async (body) => {
      const { fs, writer, txn, commit } = await begin();
      await body(fs);
      const changes = await ok(changesOf(writer, txn.txnSeq));
      const rows = writer.written();
      await commit();
      // Every test of the suite is one of this law, too: the log says the same as the transaction itself.
      expect(await ok(changesOf(await harness.snapshot(), txn.txnSeq))).toEqual(changes);
      return { txnSeq: txn.txnSeq, changes, rows };
    },
    reader,
    view: harness.snapshot,
    text: async (path, at) => textIn(await ok((await reader(at)).read(path))),
  };
};
