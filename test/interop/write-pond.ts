import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { type NodeRow, ROOT_ID } from '../../src/domain/tree/node-row.js';
import { initTLog } from '../../src/tlogfs/init-tlog.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import type { TLogWriter } from '../../src/tlogfs/tlog.js';

/*
 * Makes a table with everything that the op log can hold, and writes down what our own reader says about it:
 * `expected.json` beside the table. Arguments: the directory.
 */

type Task<E, A> = () => Promise<
  { readonly _tag: 'Left'; readonly left: E } | { readonly _tag: 'Right'; readonly right: A }
>;

const ok = async <E, A>(task: Task<E, A>): Promise<A> => {
  const outcome = await task();
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome.left));
  return outcome.right;
};

const START = 1_700_000_000_123_456;
const INFO = {
  operation: 'WRITE',
  cliArgs: ['copy', 'ä'],
  planChecksum: 'c'.repeat(64),
  plannerVersion: 1,
  suppressed: null,
};
const COMMITS = 35;

const identityOf = (txnSeq: number) => ({
  txnSeq,
  txnId: uuidIds.uuidV7(),
  timestamp: START + txnSeq * 1_000_001,
});

const rowOf = (given: Partial<NodeRow> & { readonly txnSeq: number }): NodeRow => ({
  partId: ROOT_ID,
  nodeId: uuidIds.uuidV7(),
  name: 'file',
  fileType: 'file',
  version: 1,
  timestamp: START + given.txnSeq * 1_000_001,
  deleted: false,
  storageFormat: 'none',
  size: 0,
  sha256: null,
  factory: null,
  minEventTime: null,
  maxEventTime: null,
  attributes: null,
  ...given,
});

const putContent = async (
  writer: TLogWriter,
  content: Uint8Array,
  given: Partial<NodeRow>,
): Promise<NodeRow> => {
  const stored = await ok(writer.store(content, 'by-size'));
  const { storageFormat, size, sha256 } = stored;
  const row = rowOf({ txnSeq: writer.txnSeq, storageFormat, size, sha256, ...given });
  writer.put(row, stored);
  return row;
};

const change = async (writer: TLogWriter, txnSeq: number, before: NodeRow): Promise<NodeRow> => {
  const next = { nodeId: before.nodeId, version: before.version + 1 };
  switch (txnSeq % 5) {
    case 0: {
      const renamed = {
        ...before,
        ...next,
        txnSeq,
        name: `renamed ${txnSeq} 💧`,
        storageFormat: 'none' as const,
      };
      writer.put(renamed, null);
      return renamed;
    }
    case 1:
      return putContent(writer, Buffer.alloc(70_000, txnSeq), {
        ...next,
        name: 'large',
        attributes: '{"a":"ö"}',
      });
    case 2:
      await putContent(writer, Buffer.from('greeting: hello\n'), {
        name: `factory ${txnSeq}`,
        fileType: 'file:dynamic',
        factory: 'test-file',
      });
      return putContent(writer, Buffer.from(`second ${txnSeq}`), next);
    case 3:
      writer.put(rowOf({ txnSeq, name: `gone ${txnSeq}`, deleted: true, version: 2 }), null);
      return putContent(writer, Buffer.from([0, 255, 128, txnSeq]), { ...next, name: 'bytes' });
    default:
      return putContent(writer, Buffer.from(''), {
        ...next,
        fileType: 'series',
        minEventTime: -1_000_000 * txnSeq,
        maxEventTime: START,
      });
  }
};

const directory = process.argv[2] ?? '';
const dataDir = join(directory, 'data');
const first = await ok(
  initTLog({ files })(dataDir, { pondId: uuidIds.uuidV7(), birthplace: 'interop', identity: identityOf(1) }),
);
first.put(rowOf({ txnSeq: 1, name: 'etc', fileType: 'directory' }), null);
await ok(first.commit({ ...INFO, operation: 'CREATE TABLE' }));
const log = await ok(openTLog({ files })(dataDir));

const rows: NodeRow[] = [];
let last = rowOf({ txnSeq: 1 });
for (let txnSeq = 2; txnSeq <= COMMITS; txnSeq += 1) {
  const writer = await ok(log.beginWrite(identityOf(txnSeq)));
  last = await change(writer, txnSeq, txnSeq % 7 === 0 ? rowOf({ txnSeq, version: 0 }) : last);
  await ok(writer.commit(INFO));
  await ok(log.maintain(START + txnSeq * 1_000_001));
}

// What our reader says, from a cold start.
const reader = await ok(openTLog({ files })(dataDir));
const snapshot = await ok(reader.snapshot());
for (let txnSeq = 1; txnSeq <= COMMITS; txnSeq += 1)
  rows.push(...(await ok(snapshot.rowsOfTransaction(txnSeq))));
const inline: Record<string, string> = {};
for (const row of rows.filter(({ storageFormat }) => storageFormat === 'inline')) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of snapshot.open(row)) chunks.push(chunk);
  inline[`${row.nodeId}@${row.version}`] = Buffer.concat(chunks).toString('hex');
}
const commits = await ok(reader.commitsAfter(0));
const { version } = await ok(reader.head());
writeFileSync(
  join(directory, 'expected.json'),
  JSON.stringify({ pondId: reader.pondId, version, rows, inline, commits }),
);
