import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { initTLog } from '../../src/tlogfs/init-tlog.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import type { TLogWriter } from '../../src/tlogfs/tlog.js';
import { countedIds } from './counted-ids.js';
import { ok } from './expectations.js';
import type { MakePersistence } from './persistence-harness.js';

const INFO = {
  operation: 'test',
  cliArgs: [],
  planChecksum: '0'.repeat(64),
  plannerVersion: 1,
  suppressed: null,
};

/** TLogFS in a temporary directory. Snapshots are taken from the log as it is opened again. */
export const tlogfsHarness: MakePersistence = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pond-tinyfs-'));
  const dataDir = join(directory, 'data');
  const ports = { files: nodeFileSystem };
  const ids = countedIds();
  let last = 0;

  const openWriter = async (txnSeq: number, timestamp: number): Promise<TLogWriter> => {
    const identity = { txnSeq, timestamp, txnId: ids.uuidV7() };
    if (txnSeq > 1) return ok((await ok(openTLog(ports)(dataDir))).beginWrite(identity));
    return ok(initTLog(ports)(dataDir, { pondId: ids.uuidV7(), birthplace: 'test', identity }));
  };

  return {
    beginWrite: async () => {
      const txn = { txnSeq: last + 1, timestamp: (last + 1) * 1_000_000 };
      const writer = await openWriter(txn.txnSeq, txn.timestamp);
      return {
        writer,
        txn,
        commit: async () => {
          await ok(writer.commit(INFO));
          last = txn.txnSeq;
        },
        abort: () => ok(writer.abort()),
      };
    },
    snapshot: async (at) => ok((await ok(openTLog(ports)(dataDir))).snapshot(at)),
    dispose: async () => rmSync(directory, { recursive: true, force: true }),
  };
};
