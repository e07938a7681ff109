import { right } from 'fp-ts/lib/Either.js';
import { parquetMetadata } from 'hyparquet';
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { openParquet, readRecords } from '../../src/tlogfs/parquet/parquet-reading.js';

const ROWS = 20;
const good = new Uint8Array(
  parquetWriteBuffer({
    columnData: [{ name: 'n', data: Array.from({ length: ROWS }, (_, row) => BigInt(row)), type: 'INT64' }],
    codec: 'UNCOMPRESSED',
  }),
);

type Metadata = ReturnType<typeof parquetMetadata>;

/** The file with another header before its only page, and another footer. */
const withHeader = (
  header: readonly number[] | null,
  change: (metadata: Metadata) => void = () => undefined,
) => {
  const metadata = parquetMetadata(good.slice().buffer);
  const writer = new ByteWriter();
  const footer = new DataView(good.buffer).getUint32(good.length - 8, true);
  const column = metadata.row_groups[0]?.columns[0]?.meta_data;
  if (column === undefined) throw new Error('no column');
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  writer.appendBytes(good.subarray(0, start));
  if (header !== null) writer.appendBytes(Uint8Array.from(header));
  writer.appendBytes(good.subarray(start, good.length - footer - 8));
  column.total_compressed_size = BigInt(writer.offset - start);
  change(metadata);
  writeMetadata(writer, metadata);
  writer.appendBytes(Buffer.from('PAR1'));
  return new Uint8Array(writer.getBytes());
};

const read = async (bytes: Uint8Array, end = ROWS) => {
  const files: FileSystem = { ...nodeFileSystem, readFile: () => () => right(bytes) };
  const opened = await openParquet(files, '/file', bytes.length);
  return readRecords(opened, { start: 0, end });
};

/** Thrift: a data page of so many bytes with so many values, RLE levels, in an encoding of which nothing is needed. */
const I32 = 0x15;
const varint = (value: number): readonly number[] => {
  const bytes: number[] = [];
  for (let rest = value * 2; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
};
const dataPage = (values: number, uncompressed = 0) => [
  ...[I32, 0, I32, ...varint(uncompressed), I32, 0, 0x2c],
  ...[I32, ...varint(values), I32, 0, I32, 6, I32, 6, 0, 0],
];

test('a file made by hand, as these are, is read', async () => {
  expect(await read(withHeader(null))).toHaveLength(ROWS);
});

describe('what would take more memory than the file can be worth is refused before room is made for it', () => {
  const GIGANTIC = 2 ** 30;

  test('a page of more values than the file has bytes', async () => {
    await expect(read(withHeader(dataPage(GIGANTIC)))).rejects.toMatchObject({
      _tag: 'CorruptData',
      problem: expect.stringContaining(`a page of ${GIGANTIC} values`),
    });
  });

  test('a page that would become much larger than it is', async () => {
    await expect(read(withHeader(dataPage(1, GIGANTIC)))).rejects.toMatchObject({
      _tag: 'CorruptData',
      problem: expect.stringContaining(`that is to become ${GIGANTIC}`),
    });
  });

  test('more rows than the file has bytes', async () => {
    const bytes = withHeader(null, (metadata) => {
      metadata.num_rows = BigInt(GIGANTIC);
      for (const group of metadata.row_groups) group.num_rows = BigInt(GIGANTIC);
    });
    await expect(read(bytes, GIGANTIC)).rejects.toMatchObject({
      _tag: 'CorruptData',
      problem: expect.stringContaining(`${GIGANTIC} rows in ${bytes.length} bytes`),
    });
  });

  test.each([
    ['fewer than no rows', (metadata: Metadata) => Object.assign(metadata, { num_rows: -1n })],
    [
      'a row group of fewer than no rows',
      (metadata: Metadata) => Object.assign(metadata.row_groups[0] ?? {}, { num_rows: -1n }),
    ],
  ])('%s', async (_, change) => {
    await expect(read(withHeader(null, change))).rejects.toMatchObject({ _tag: 'CorruptData' });
  });

  test.each([2n ** 40n, -5n])('a column of %d bytes', async (size) => {
    const bytes = withHeader(null, (metadata) => {
      for (const { meta_data: column } of metadata.row_groups[0]?.columns ?? []) {
        if (column !== undefined) column.total_compressed_size = size;
      }
    });
    await expect(read(bytes)).rejects.toMatchObject({ _tag: 'CorruptData' });
  });
});
