import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import type { NodeRow } from '../../src/domain/tree/node-row.js';
import { directoriesOf } from '../../src/tinyfs/tree/directories.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import type { Snapshot } from '../../src/tlogfs/tlog.js';
import { begin, INFO, newTable, ok, putFile, rowOf, START, textOf } from './table-fixture.js';

const LARGE = 'd-large';
const SMALL = 'd-small';
/** The last of all names; a decoder that drops a byte order mark takes it for one of the first. */
const MARKED = '\uFEFFa';

/** A large directory beside a small one, in which entries are renamed, replaced and removed by later commits. */
const pondWithLargeDirectory = async () => {
  const { dataDir, log } = await newTable();
  const first = await begin(log);
  const written: NodeRow[] = [];
  for (let n = 0; n < 1_500; n += 1) {
    written.push(
      await putFile(first, `content ${n}`, {
        name: `f${n}`,
        partId: LARGE,
        nodeId: `n-${String(n).padStart(5, '0')}`,
      }),
    );
  }
  await putFile(first, 'content of a mark', { name: MARKED, partId: LARGE, nodeId: 'n-marked' });
  await putFile(first, 'small', { name: 'f7', partId: SMALL, nodeId: 'n-small' });
  await ok(first.commit(INFO));
  const later = async (change: Partial<NodeRow>, n: number) => {
    const writer = await begin(log);
    const row = written[n];
    if (row === undefined) throw new Error('no such row');
    writer.put(
      { ...rowOf({ ...row, version: 2, storageFormat: 'none', ...change, txnSeq: writer.txnSeq }) },
      null,
    );
    await ok(writer.commit(INFO));
  };
  await later({ name: 'renamed' }, 3);
  await later({ deleted: true }, 4);
  const writer = await begin(log);
  await putFile(writer, 'new', { name: 'f3', partId: LARGE, nodeId: 'n-new' });
  await ok(writer.commit(INFO));
  return { dataDir, log };
};

const NAMES = [MARKED, 'f0', 'f3', 'f4', 'f7', 'f1499', 'renamed', 'nothing', ''];

/** What the whole directory says, and what looking up says in a view that has read nothing. */
const compared = async (read: () => Promise<Snapshot>) => {
  const whole = await ok(directoriesOf(await read()).get(LARGE));
  const view = await read();
  const directories = directoriesOf(view);
  const lookedUp = await Promise.all(NAMES.map((name) => ok(directories.entryNamed(LARGE, name))));
  expect(directories.peek(LARGE)).toBeUndefined();
  expect(lookedUp).toEqual(NAMES.map((name) => whole.entries.get(name)));
  for (const row of lookedUp) {
    if (row === undefined) continue;
    expect(await ok(directories.rowsIn(LARGE, row.nodeId))).toEqual(whole.rows.get(row.nodeId));
    if (row.storageFormat === 'inline') expect(await textOf(view.open(row))).toMatch(/^(content|new)/);
  }
};

test('an entry of a large directory is looked up without reading it, and is what the whole directory says', async () => {
  const { dataDir, log } = await pondWithLargeDirectory();
  const fresh = async (at?: number) => ok((await ok(openTLog({ files })(dataDir))).snapshot(at));
  await compared(() => fresh());
  await compared(() => fresh(2));
  for (let n = 0; n < 8; n += 1) {
    const writer = await begin(log);
    await putFile(writer, 'more', { name: `more${n}` });
    await ok(writer.commit(INFO));
  }
  await ok(log.maintain(START + 1));
  await compared(() => fresh());
  await compared(() => fresh(4));
});

test('whoever asks for many names of a directory reads it once', async () => {
  const { log } = await pondWithLargeDirectory();
  const directories = directoriesOf(await ok(log.snapshot()));
  for (let n = 10; n < 40; n += 1)
    expect((await ok(directories.entryNamed(LARGE, `f${n}`)))?.name).toBe(`f${n}`);
  expect(directories.peek(LARGE)).toBeDefined();
});
