import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import {
  begin,
  bytesOf,
  commitFile,
  filesBelow,
  INFO,
  newTable,
  ok,
  putFile,
  rowOf,
  textOf,
} from './table-fixture.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const KIB = 1024;

test('content below 64 KiB is inline, from 64 KiB on it is a blob named by its digest', async () => {
  const { dataDir, log } = await newTable();
  const inline = await commitFile(log, Buffer.alloc(64 * KIB - 1, 1));
  const content = Buffer.alloc(64 * KIB, 2);
  const external = await commitFile(log, content);
  expect([inline.storageFormat, external.storageFormat]).toEqual(['inline', 'external']);
  const digest = sha256(content);
  expect(readFileSync(join(dataDir, '_blobs/sha256', digest.slice(0, 2), digest))).toEqual(content);
  const snapshot = await ok((await ok(openTLog({ files })(dataDir))).snapshot());
  expect(await bytesOf(snapshot.open(inline))).toHaveLength(64 * KIB - 1);
  expect(await bytesOf(snapshot.open(external))).toEqual(content);
});

test('a stream is stored as the same bytes would be', async () => {
  const { log } = await newTable();
  const writer = await begin(log);
  async function* pieces(size: number, count: number) {
    // One buffer for all pieces: nobody may keep what was yielded.
    const piece = Buffer.alloc(size);
    for (let n = 0; n < count; n += 1) yield piece.fill(n % 251);
  }
  const whole = (size: number, count: number) =>
    Buffer.concat(Array.from({ length: count }, (_, n) => Buffer.alloc(size, n % 251)));
  for (const [size, count] of [
    [0, 0],
    [10, 3],
    [1000, 65],
    [1024, 64],
    [3_000_000, 3],
    [7, 50_000],
  ] as const) {
    const row = await putFile(writer, pieces(size, count), { name: `${size}x${count}` });
    const expected = whole(size, count);
    expect(row).toMatchObject({ size: expected.length, sha256: sha256(expected) });
    expect(row.storageFormat).toBe(expected.length < 64 * KIB ? 'inline' : 'external');
    expect((await bytesOf(writer.open(row))).equals(expected)).toBe(true);
  }
});

test('a long stream is not held in memory', async () => {
  const { log } = await newTable();
  const writer = await begin(log);
  const total = 200 * KIB * KIB;
  const hash = createHash('sha256');
  /** Bytes of buffers that somebody still holds, whenever it is that V8 would collect the others. */
  const held = (): number => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  let peak = 0;
  async function* long() {
    for (let given = 0; given < total; given += 256 * KIB) {
      const chunk = Buffer.alloc(256 * KIB, given % 256);
      hash.update(chunk);
      if (given % (16 * KIB * KIB) === 0) peak = Math.max(peak, held());
      yield chunk;
    }
  }
  const before = held();
  const row = await putFile(writer, long());
  expect(row).toMatchObject({ size: total, sha256: hash.digest('hex') });
  expect(peak - before).toBeLessThan(32 * KIB * KIB);
  await ok(writer.abort());
});

test('inline placement keeps a large content in its row', async () => {
  const { dataDir, log } = await newTable();
  const writer = await begin(log);
  const config = Buffer.alloc(1024 * KIB, 'c');
  const stored = await ok(writer.store(config, 'inline'));
  const row = rowOf({ txnSeq: 2, fileType: 'file:dynamic', factory: 'test-file' }, stored);
  writer.put(row, stored);
  await ok(writer.commit(INFO));
  expect(row.storageFormat).toBe('inline');
  const snapshot = await ok((await ok(openTLog({ files })(dataDir))).snapshot());
  expect((await bytesOf(snapshot.open(row))).equals(config)).toBe(true);
});

test('beyond 32 MiB of inline content a transaction writes blobs, whatever their size', async () => {
  const { log } = await newTable();
  const writer = await begin(log);
  const formats: string[] = [];
  for (let n = 0; n < 34 * 20; n += 1) {
    const { storageFormat } = await ok(writer.store(Buffer.alloc(50 * KIB, n), 'by-size'));
    formats.push(storageFormat);
  }
  const inline = formats.filter((format) => format === 'inline').length;
  expect(inline).toBe(Math.floor((32 * KIB) / 50));
  expect(formats.slice(inline).every((format) => format === 'external')).toBe(true);
  await ok(writer.abort());
});

test('the same content is stored once, within a transaction and across them', async () => {
  const { dataDir, log } = await newTable();
  const content = Buffer.alloc(100_000, 5);
  const writer = await begin(log);
  await putFile(writer, content);
  await putFile(writer, content);
  await ok(writer.commit(INFO));
  async function* streamed() {
    yield content;
  }
  const row = await commitFile(log, streamed());
  expect(filesBelow(join(dataDir, '_blobs'))).toHaveLength(1);
  expect(filesBelow(join(dataDir, '_staging'))).toEqual([]);
  expect(await bytesOf((await ok(log.snapshot())).open(row))).toEqual(content);
});

test('content that was stored but not used leaves nothing behind', async () => {
  const { dataDir, log } = await newTable();
  const writer = await begin(log);
  await ok(writer.store(Buffer.alloc(100_000, 6), 'by-size'));
  await putFile(writer, 'used');
  await ok(writer.commit(INFO));
  expect(filesBelow(dataDir).filter((name) => /blob/.test(name))).toEqual([]);
});

test('a source that breaks off fails the store and leaves nothing', async () => {
  const { dataDir, log } = await newTable();
  const writer = await begin(log);
  const broken = { _tag: 'CorruptData', path: 'source', problem: 'broke off' };
  for (const before of [10, 200_000]) {
    async function* breaking() {
      yield Buffer.alloc(before);
      throw broken;
    }
    const outcome = await writer.store(breaking(), 'by-size')();
    expect(outcome).toMatchObject({ _tag: 'Left', left: broken });
  }
  expect(readdirSync(join(dataDir, '_staging'))).toEqual([]);
});

test('a damaged or missing blob is reported while it is read', async () => {
  const { dataDir, log } = await newTable();
  const row = await commitFile(log, Buffer.alloc(100_000, 3));
  const path = join(dataDir, '_blobs/sha256', row.sha256?.slice(0, 2) ?? '', row.sha256 ?? '');
  const snapshot = await ok(log.snapshot());
  for (const [damaged, problem] of [
    [Buffer.alloc(100_000, 4), /digest/],
    [Buffer.alloc(99_999, 3), /100000 bytes expected, 99999 found/],
    [Buffer.alloc(100_001, 3), /100000 bytes expected, more found/],
  ] as const) {
    writeFileSync(path, damaged);
    await expect(bytesOf(snapshot.open(row))).rejects.toMatchObject({
      _tag: 'CorruptData',
      path,
      problem: expect.stringMatching(problem),
    });
  }
  rmSync(path);
  await expect(bytesOf(snapshot.open(row))).rejects.toEqual({
    _tag: 'CorruptData',
    path,
    problem: 'missing blob',
  });
});

test('nobody is given the whole of a content that does not have its digest, however large it is', async () => {
  const { dataDir, log } = await newTable();
  const size = 2_500_000;
  for (const written of [100_000, size]) {
    const row = await commitFile(log, Buffer.alloc(written, 3));
    const path = join(dataDir, '_blobs/sha256', row.sha256?.slice(0, 2) ?? '', row.sha256 ?? '');
    const damaged = Buffer.alloc(written, 3);
    damaged[0] = 4;
    writeFileSync(path, damaged);
    let given = 0;
    const reading = (async () => {
      for await (const chunk of (await ok(log.snapshot())).open(row)) given += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ _tag: 'CorruptData', path });
    expect(given).toBeLessThan(written);
    if (written < size) expect(given).toBe(0);
  }
});

test('a row without content cannot be opened', async () => {
  const { log } = await newTable();
  const snapshot = await ok(log.snapshot());
  const [directory] = await ok(snapshot.rowsOfTransaction(1));
  await expect(textOf(snapshot.open(directory ?? rowOf({ txnSeq: 1 })))).rejects.toMatchObject({
    _tag: 'CorruptData',
  });
});

test.each([
  ['at once', (content: Buffer) => content],
  [
    'as a stream',
    (content: Buffer) =>
      (async function* () {
        yield content;
      })(),
  ],
] as const)(
  'a blob that was damaged on the disk is whole again when the same content is stored %s',
  async (_, given) => {
    const { dataDir, log } = await newTable();
    const content = Buffer.alloc(70 * KIB, 5);
    const row = await commitFile(log, content);
    const path = join(dataDir, '_blobs/sha256', (row.sha256 ?? '').slice(0, 2), row.sha256 ?? '');
    rmSync(path);
    writeFileSync(path, Buffer.from(content).fill(6, 100, 101));
    const writer = await begin(log);
    const again = await putFile(writer, given(content), { name: 'again' });
    expect((await bytesOf(writer.open(again))).equals(content)).toBe(true);
    // Whatever becomes of the transaction.
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(readdirSync(join(dataDir, '_staging'))).toEqual([]);
  },
);
