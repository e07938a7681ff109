import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import { ROOT_ID } from '../../src/domain/tree/node-row.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { commitFile, newTable, ok } from './table-fixture.js';

setFlagsFromString('--expose_gc');
const collectGarbage: () => void = runInNewContext('gc');

test('whoever looks at many moments of the past holds the rows of a few of them', async () => {
  const { dataDir, log } = await newTable();
  for (let at = 0; at < 40; at += 1) await commitFile(log, `${at}`);
  const reader = await ok(openTLog({ files })(dataDir));
  const read: WeakRef<object>[] = [];
  for (let txnSeq = 1; txnSeq <= 41; txnSeq += 1) {
    const rows = await ok((await ok(reader.snapshot(txnSeq))).rowsOf(ROOT_ID));
    expect(rows).toHaveLength(txnSeq);
    read.push(new WeakRef(rows));
  }
  // What was looked at in this turn of the event loop is held until its end.
  await sleep(1);
  collectGarbage();
  const held = read.filter((rows) => rows.deref() !== undefined).length;
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(12);
  // Tasks of one commit still share what they read.
  const [one, other] = [await ok(reader.snapshot(20)), await ok(reader.snapshot(20))];
  expect(one).toBe(other);
});
