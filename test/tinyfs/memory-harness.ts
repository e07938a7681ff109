import { ok } from './expectations.js';
import { createMemoryPersistence } from './memory-persistence.js';
import type { MakePersistence } from './persistence-harness.js';

export const memoryHarness: MakePersistence = async () => {
  const persistence = createMemoryPersistence();
  let last = 0;
  return {
    beginWrite: async () => {
      const txn = { txnSeq: last + 1, timestamp: (last + 1) * 1_000_000 };
      const writer = persistence.beginWrite(txn);
      return {
        writer,
        txn,
        commit: async () => {
          await ok(writer.commit());
          last = txn.txnSeq;
        },
        abort: async () => writer.abort(),
      };
    },
    snapshot: async (at) => persistence.snapshot(at),
    dispose: async () => undefined,
  };
};
