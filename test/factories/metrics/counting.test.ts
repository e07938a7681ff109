import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { csvRows, jsonRows, type RowCounter } from '../../../src/factories/built-in/metrics/count-rows.js';
import { parquetRows } from '../../../src/factories/built-in/metrics/parquet-rows.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { decimalsOf } from '../../tlogfs/parquet-by-hand.js';

/** Rows of a text, however it is cut into chunks: all of it at once, and byte by byte. */
const counted = (make: () => RowCounter, text: string): number => {
  const whole = make();
  whole.take(Buffer.from(text));
  const bytewise = make();
  for (const byte of Buffer.from(text)) bytewise.take(Uint8Array.of(byte));
  expect(bytewise.rows()).toBe(whole.rows());
  return whole.rows();
};

test('rows of CSV are its records without the header', () => {
  for (const [text, rows] of [
    ['', 0],
    ['a,b\n', 0],
    ['a,b', 0],
    ['a,b\n1,2\n3,4\n', 2],
    ['a,b\r\n1,2\r\n3,4', 2],
    ['a,b\n\n1,2\n\n\n', 1],
    ['a,b\n"x\ny","say ""hi""\n"\n3,4\n', 2],
  ] as const) {
    expect([text, counted(csvRows, text)]).toEqual([text, rows]);
  }
});

test('rows of JSON are the elements of its array, else its values', () => {
  for (const [text, rows] of [
    ['', 0],
    ['[]', 0],
    [' [ ] ', 0],
    ['[1]', 1],
    ['[{"a":[1,2],"b":"],["},{"a":{}}]', 2],
    ['[[1,2],[3]]', 2],
    ['["a,b","\\"],["]', 2],
    ['{"a":1}\n{"a":2}\n', 2],
    ['{"a":1}\n\n{"a":"x\\n"}', 2],
    ['{\n "a": 1\n}\n', 1],
    ['\ufeff[1,2]', 2],
  ] as const) {
    expect([text, counted(jsonRows, text)]).toEqual([text, rows]);
  }
});

const streamOf = (bytes: Uint8Array, size: number) => ({
  async *[Symbol.asyncIterator]() {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  },
});

test('a footer of which the parser would make numbers that no column has is not given to it, wherever the content lies', async () => {
  const file = join(temporaryFolder('footer'), 'hostile.parquet');
  const bytes = decimalsOf(50_000);
  writeFileSync(file, bytes);
  expect(await parquetRows(nodeFileSystem, streamOf(decimalsOf(16), 7))).toBe(0);
  expect(await parquetRows(nodeFileSystem, streamOf(bytes, 700))).toBeNull();
  expect(await parquetRows(nodeFileSystem, { ...streamOf(bytes, 7), file })).toBeNull();
});

test('rows of Parquet are what its footer says, and what is not Parquet has none', async () => {
  const data = Array.from({ length: 1_234 }, (_, n) => n);
  const file = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'n', data, type: 'INT32' }] }));
  for (const size of [1, 7, file.length]) {
    expect(await parquetRows(nodeFileSystem, streamOf(file, size))).toBe(1_234);
  }
  for (const bytes of [
    new Uint8Array(),
    Buffer.from('PAR1'),
    Buffer.from('no Parquet at all PAR1'),
    file.subarray(9),
  ])
    expect(await parquetRows(nodeFileSystem, streamOf(bytes.subarray(0, bytes.length - 1), 5))).toBeNull();
});
