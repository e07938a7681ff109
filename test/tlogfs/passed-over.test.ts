import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { directoriesOf } from '../../src/tinyfs/tree/directories.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import { begin, filesBelow, INFO, newTable, ok, rowOf } from './table-fixture.js';

const ROWS = 600;
const DIRECTORY = 'd-shared';

/** Three commits, each with many entries of one directory: `a0`, `b0`, `c0` ... */
const table = async (): Promise<string> => {
  const { dataDir, log } = await newTable();
  for (const letter of ['a', 'b', 'c']) {
    const writer = await begin(log);
    for (let n = 0; n < ROWS; n += 1) {
      writer.put(rowOf({ txnSeq: writer.txnSeq, partId: DIRECTORY, name: `${letter}${n}` }), null);
    }
    await ok(writer.commit(INFO));
  }
  return dataDir;
};

/** Names of a directory as a process finds them that has read nothing, and the bytes that it reads of each large file. */
const lookedUp = async (dataDir: string, names: readonly string[]) => {
  const bytes = new Map<string, number>();
  const counting = (path: string, count: number) => bytes.set(path, (bytes.get(path) ?? 0) + count);
  const files: FileSystem = {
    ...nodeFileSystem,
    readFile: (path, ...rest) => {
      counting(path, nodeFileSystem.stat(path)()._tag === 'Right' ? readFileSync(path).length : 0);
      return nodeFileSystem.readFile(path, ...rest);
    },
    readRange: (path, offset, length, ...rest) => {
      counting(path, length);
      return nodeFileSystem.readRange(path, offset, length, ...rest);
    },
  };
  const directories = directoriesOf(await ok((await ok(openTLog({ files })(dataDir))).snapshot()));
  const found = await Promise.all(
    names.map(async (name) => (await ok(directories.entryNamed(DIRECTORY, name)))?.name),
  );
  return { found, read: largeFiles(dataDir).map((path) => bytes.get(path) ?? 0) };
};

const largeFiles = (dataDir: string): readonly string[] =>
  filesBelow(dataDir)
    .map((name) => join(dataDir, name))
    .filter((path) => /part-[^/]*\.parquet$/.test(path) && readFileSync(path).length > 10_000);

test('a name is looked up in the files that may have it, and the others are passed over by one small read', async () => {
  const dataDir = await table();
  const { found, read } = await lookedUp(dataDir, ['b17']);
  expect(found).toEqual(['b17']);
  expect(read.filter((count) => count > 10_000)).toHaveLength(1);
  expect(read.filter((count) => count === 32)).toHaveLength(2);
  expect(await lookedUp(dataDir, ['d17'])).toEqual({ found: [undefined], read: [32, 32, 32] });
});

test('what a file says of its names hides nothing where it is damaged', async () => {
  const dataDir = await table();
  const names = ['a0', 'a599', 'b17', 'c300', 'c301', 'd1'];
  const expected = [...names.slice(0, -1), undefined];
  expect((await lookedUp(dataDir, names)).found).toEqual(expected);
  for (const path of largeFiles(dataDir)) {
    const bytes = readFileSync(path);
    // Bits that are gone, and the checksum is what it was: a flipped byte, a block that was not written.
    for (let at = 36; at < 36 + 32 * Math.ceil((ROWS * 12) / 224); at += 32) bytes.fill(0, at, at + 28);
    writeFileSync(path, bytes);
  }
  expect((await lookedUp(dataDir, names)).found).toEqual(expected);
});
