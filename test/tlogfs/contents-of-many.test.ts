import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import type { NodeRow } from '../../src/domain/tree/node-row.js';
import type { PersistenceView } from '../../src/tinyfs/persistence.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { begin, INFO, logEntry, newTable, ok, putFile, rowOf, START } from './table-fixture.js';

const PART = 'd-many';
const TEXTS = Array.from({ length: 50 }, (_, n) => `content ${n % 40} of many`);

/** A table with many contents, some of them equal; rows as whoever opens it now reads them. */
const tableOf = async (texts: readonly string[] = TEXTS) => {
  const { dataDir, log } = await newTable();
  const writer = await begin(log);
  for (const [n, text] of texts.entries()) await putFile(writer, text, { name: `f${n}`, partId: PART });
  await ok(writer.commit(INFO));
  const path = /"path":"([^"]+)"/.exec(readFileSync(logEntry(dataDir, 1), 'utf8'))?.[1] ?? '';
  return { dataDir, log, dataFile: join(dataDir, path) };
};

const newest = async (dataDir: string) => ok((await ok(openTLog({ files })(dataDir))).snapshot());

const byName = (rows: readonly NodeRow[]) =>
  rows.toSorted((a, b) => Number(a.name.slice(1)) - Number(b.name.slice(1)));

const rowsIn = async (view: PersistenceView) => byName(await ok(view.rowsOf(PART)));

const textsOf = async (view: PersistenceView, rows: readonly NodeRow[]) =>
  (await view.inlineOfEach?.(rows))?.map((bytes) => bytes && Buffer.from(bytes).toString());

test('contents of many rows are read together, in whatever order, from several files, and after they were merged', async () => {
  const { dataDir, log } = await tableOf();
  const more = await begin(log);
  await putFile(more, 'of another file', { name: 'f50', partId: PART });
  await ok(more.commit(INFO));
  const view = await newest(dataDir);
  const rows = await rowsIn(view);
  const expected = [...TEXTS, 'of another file'];
  expect(await textsOf(view, rows)).toEqual(expected);
  expect(await textsOf(view, rows.toReversed())).toEqual(expected.toReversed());
  const fresh = await newest(dataDir);
  const some = (await rowsIn(fresh)).filter((_, n) => n % 3 === 0);
  expect(await textsOf(fresh, some)).toEqual(expected.filter((_, n) => n % 3 === 0));
  await ok(log.maintain(START + 1));
  const merged = await newest(dataDir);
  expect(await textsOf(merged, await rowsIn(merged))).toEqual(expected);
  // Rows that were read before, out of files that are not there any more.
  expect(await textsOf(view, rows)).toEqual(expected);
});

test('a content that is not the one that was written is not given out with the others, and tells by itself what is wrong', async () => {
  const { dataDir, dataFile } = await tableOf();
  const bytes = readFileSync(dataFile);
  const at = bytes.indexOf('content 7 of');
  expect(at).toBeGreaterThan(0);
  bytes.write('CONTENT', at);
  writeFileSync(dataFile, bytes);
  const view = await newest(dataDir);
  const rows = await rowsIn(view);
  const found = await textsOf(view, rows);
  const damaged = rows.filter((_, n) => found?.[n] === null);
  expect(damaged.length).toBeGreaterThan(0);
  for (const [n, text] of TEXTS.entries()) if (!text.startsWith('content 7 ')) expect(found?.[n]).toBe(text);
  await expect(view.inlineOf?.(damaged[0] as NodeRow)).rejects.toMatchObject({ _tag: 'CorruptData' });
});

test('rows that nobody has read have no place, and no content', async () => {
  const { dataDir } = await tableOf();
  const view = await newest(dataDir);
  const copies = (await rowsIn(view)).map((row) => rowOf({ ...row }));
  expect(await textsOf(view, copies)).toEqual(copies.map(() => null));
});

test('a size that is not the content’s is not passed over where an equal content is known', async () => {
  const { dataDir } = await tableOf();
  const view = await newest(dataDir);
  const rows = await rowsIn(view);
  await textsOf(view, rows);
  const [first] = rows;
  if (first === undefined) throw new Error('no rows');
  expect(await textsOf(view, [first, rowOf({ ...first, size: first.size + 1 })])).toEqual([TEXTS[0], null]);
});

test('whatever becomes of what was handed out, others are given the content that was written', async () => {
  const { dataDir } = await tableOf();
  const view = await newest(dataDir);
  const rows = await rowsIn(view);
  for (const bytes of (await view.inlineOfEach?.(rows)) ?? []) bytes?.fill(0);
  expect(await textsOf(view, rows)).toEqual(TEXTS);
  const [first] = rows;
  expect(Buffer.from((await view.inlineOf?.(first as NodeRow)) ?? []).toString()).toBe(TEXTS[0]);
});

test('a writer tells its own contents, and those of its base', async () => {
  const { log } = await tableOf();
  const writer = await begin(log);
  const base = await rowsIn(writer);
  const own = [
    await putFile(writer, 'written', { name: 'f60', partId: PART }),
    await putFile(writer, Buffer.alloc(100_000), { name: 'f61', partId: PART }),
  ];
  const rows = [own[0], base[3], own[1], base[0]].filter((row) => row !== undefined);
  expect(await textsOf(writer, rows)).toEqual(['written', TEXTS[3], null, TEXTS[0]]);
});
