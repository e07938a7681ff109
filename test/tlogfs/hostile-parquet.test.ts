import { brotliCompressSync, gzipSync } from 'node:zlib';
import { right } from 'fp-ts/lib/Either.js';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { openParquet, readRecords } from '../../src/tlogfs/parquet/parquet-reading.js';
import {
  ALL_THERE,
  ENCODING,
  fileOf,
  i32,
  i64,
  leb128,
  type Metadata,
  NUMBERS,
  pageV1,
  pageV2,
  ROWS,
  run,
  sized,
  struct,
  withFooter,
} from './parquet-by-hand.js';

/*
 * Files that were made to keep a reader busy, or to take its memory. Each of them has few bytes; what they say would
 * take from seconds to hours, and from gigabytes to more than there is.
 */

const read = async (bytes: Uint8Array, range = { start: 0, end: ROWS }) => {
  const files: FileSystem = { ...nodeFileSystem, readFile: () => () => right(bytes) };
  return readRecords(await openParquet(files, '/file', bytes.length), range, ['n']);
};

const refusedAs =
  (_tag: 'CorruptData' | 'UnsupportedData') =>
  (bytes: Uint8Array, problem: string, range?: { start: number; end: number }) =>
    expect(read(bytes, range)).rejects.toMatchObject({
      _tag,
      path: '/file',
      problem: expect.stringContaining(problem),
    });
const refused = refusedAs('CorruptData');
const notSupported = refusedAs('UnsupportedData');

const GIGANTIC = 2 ** 30;

describe('files that are made in this way are read', () => {
  test('with a page of version 1', async () => {
    const records = await read(fileOf({ pages: pageV1([...sized(ALL_THERE), ...NUMBERS], ENCODING.plain) }));
    expect(records.map(({ n }) => n)).toEqual(Array.from({ length: ROWS }, (_, row) => row));
  });

  test('with a page of version 2', async () => {
    expect(await read(fileOf({ pages: pageV2(ALL_THERE, NUMBERS, ENCODING.plain) }))).toHaveLength(ROWS);
  });

  test('with bit-packed levels that are filled up to the next eight', async () => {
    // Three eights of one bit each.
    const levels = [2 * 3 + 1, 0xff, 0xff, 0xff];
    const page = pageV1([...sized(levels), ...NUMBERS], ENCODING.plain);
    expect(await read(fileOf({ pages: page }))).toHaveLength(ROWS);
  });
});

describe('a run of more values than its page has is refused', () => {
  test.each([
    ['in the levels of version 1', pageV1(sized(run(GIGANTIC)), ENCODING.plain)],
    ['in the levels of version 2', pageV2(run(GIGANTIC), NUMBERS, ENCODING.plain)],
    ['after another run', pageV1(sized([...run(ROWS - 1), ...run(GIGANTIC)]), ENCODING.plain)],
    [
      'in the places in the dictionary',
      pageV1([...sized(ALL_THERE), 1, ...run(GIGANTIC)], ENCODING.dictionary),
    ],
    ['in the same of version 2', pageV2(ALL_THERE, [1, ...run(GIGANTIC)], ENCODING.dictionary)],
    ['bit-packed', pageV1(sized([...leb128(GIGANTIC + 1), 0xff]), ENCODING.plain)],
    ['after bits of nothing', pageV1(sized([1, 0x0b, ...run(GIGANTIC)]), ENCODING.plain)],
    ['of no bits', pageV2(ALL_THERE, [0, ...leb128(GIGANTIC + 1), 0], ENCODING.dictionary)],
  ])('%s', async (_, pages) => {
    await refused(fileOf({ pages }), 'a run of ');
  });

  test('in the repetition levels of a column that is a list by itself', async () => {
    const change = ({ schema: [, column] }: Metadata) => {
      if (column !== undefined) column.repetition_type = 'REPEATED';
    };
    // Taken for definition levels these would be whole, and the next ones never looked at.
    const pages = pageV1([...sized(ALL_THERE), ...sized(run(GIGANTIC))], ENCODING.plain);
    await refused(fileOf({ pages, change }), 'a run of ');
  });

  test('in a page that the list of pages finds in the middle of another', async () => {
    const inner = pageV1(sized(run(GIGANTIC)), ENCODING.plain);
    const outer = pageV1([...sized(ALL_THERE), ...NUMBERS, ...inner], ENCODING.plain);
    const locations = (start: number, end: number) => [
      ...[0x19, 0x2c],
      ...[...i64(start), ...i32(outer.length), ...i64(0), 0],
      ...[...i64(end - inner.length), ...i32(inner.length), ...i64(10), 0],
      0,
    ];
    await refused(fileOf({ pages: outer, index: locations }), 'a run of ', { start: 15, end: 16 });
  });
});

test.each([
  ['delta', ENCODING.delta],
  ['delta of strings', ENCODING.deltaText],
  ['split bytes', ENCODING.split],
])('an encoding that can be made endless, and that no table has, is refused: %s', async (_, encoding) => {
  await notSupported(
    fileOf({ pages: pageV1([...sized(ALL_THERE), ...NUMBERS], encoding) }),
    'a page in the encoding',
  );
});

const compressedBy =
  (codec: 'ZSTD' | 'GZIP' | 'BROTLI' | 'LZ4' | 'LZ4_RAW' | 'LZO') =>
  ({ row_groups: [group] }: Metadata) => {
    const [chunk] = group?.columns ?? [];
    if (chunk?.meta_data !== undefined) chunk.meta_data.codec = codec;
  };

test('a compression that is not read is named as not supported', async () => {
  const pages = pageV1([...sized(ALL_THERE), ...NUMBERS], ENCODING.plain);
  await notSupported(fileOf({ pages, change: compressedBy('LZO') }), 'compressed by LZO');
});

test.each(['ZSTD', 'GZIP', 'BROTLI', 'LZ4', 'LZ4_RAW'] as const)(
  '%s of what it is not is damage',
  async (codec) => {
    const pages = pageV1([...sized(ALL_THERE), ...NUMBERS], ENCODING.plain);
    await refused(fileOf({ pages, change: compressedBy(codec) }), 'not readable as Parquet');
  },
);

test.each([
  ['GZIP', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
  ['BROTLI', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
] as const)('a page that %s makes larger than it says is refused', async (codec, bomb) => {
  const pages = pageV1([...bomb], ENCODING.plain);
  await refused(fileOf({ pages, change: compressedBy(codec) }), 'not readable as Parquet');
});

test('very many pages of few bytes and many values are refused', async () => {
  const page = pageV1([...sized(run(2000)), 0], ENCODING.dictionary, 2000);
  const pages = Array.from({ length: 100 }, () => page).flat();
  await refused(fileOf({ pages }), ' values in ');
});

test('pages outside of their column are refused', async () => {
  const pages = pageV1([...sized(ALL_THERE), ...NUMBERS], ENCODING.plain);
  const index = (start: number) => [0x19, 0x1c, ...i64(start), ...i32(pages.length + 9), ...i64(0), 0, 0];
  await refused(fileOf({ pages, index }), 'a page from ', { start: 1, end: 2 });
});

test('a page that is longer than what is there of its column is refused', async () => {
  const [kind, uncompressed, ...rest] = [
    i32(0),
    i32(900),
    ...[i32(900), pageV1([], ENCODING.plain).slice(6)],
  ];
  await refused(
    fileOf({ pages: [...(kind ?? []), ...(uncompressed ?? []), ...rest.flat()] }),
    'a page of 900 bytes',
  );
});

describe('a footer is refused', () => {
  /** A list of so many lists. */
  const listOf = (size: number) => [0xf9, ...leb128(size)];

  test('with a list of more items than bytes', async () => {
    await refused(withFooter([...i32(1), 0x19, 0xfc, ...leb128(GIGANTIC), ...Array(8).fill(0)]), 'cut off');
  });

  test('with lists in lists, each of more items than bytes', async () => {
    const lists = Array.from({ length: 50 }, () => listOf(GIGANTIC)).flat();
    await refused(withFooter([...i32(1), 0x19, ...lists]), 'too many layers');
  });

  test('with a number that does not end', async () => {
    await refused(withFooter([0x16, ...Array(1000).fill(0x80), 1, 0]), 'too many bytes');
  });

  test.each([
    ['DECIMAL, by the old name', [...i32(5, 2)]],
    ['DECIMAL', [...struct(struct([], 5), 6)]],
    ['VARIANT', [...struct([0x0c, 32, 0], 6)]],
  ])('with a column of a type that takes long: %s', async (_, type) => {
    // After the name, field 4.
    await notSupported(
      withFooter([...i32(1), 0x19, 0x1c, 0x48, 1, 97, ...type, 0, 0]),
      'a column of the type',
    );
  });

  test('with more bytes of columns than the file has', async () => {
    const change = ({ row_groups: [group] }: Metadata) => {
      const [chunk] = group?.columns ?? [];
      if (chunk?.meta_data !== undefined) delete chunk.meta_data.statistics;
      if (chunk !== undefined) group?.columns.push(...Array.from({ length: 9 }, () => chunk));
    };
    const pages = pageV1([...sized(ALL_THERE), ...NUMBERS], ENCODING.plain);
    await refused(fileOf({ pages: [...pages, ...Array(300).fill(0)], change }), 'columns of ');
  });

  test('with a schema of very many layers', async () => {
    // Each element has a name and one child, and there are 255 of them; no rows, and no row groups.
    const elements = Array.from({ length: 255 }, () => [0x48, 1, 97, ...i32(1), 0]).flat();
    const schema = [0x19, 0xfc, ...leb128(255), ...elements];
    await refused(withFooter([...i32(1), ...schema, ...i64(0), 0x19, 0x0c, 0]), 'layers');
  });
});

describe('one long text in the dictionary', () => {
  const bytesWith = (name: string) =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [{ name, data: Array(1000).fill('x'.repeat(1_000_000)), type: 'STRING' }],
        codec: 'UNCOMPRESSED',
      }),
    );
  const readNamed = async (name: string) => {
    const bytes = bytesWith(name);
    const files: FileSystem = {
      ...nodeFileSystem,
      stat: () => () => right({ kind: 'file', size: bytes.length, mode: 0o644, modifiedAt: 0 }),
      readFile: () => () => right(bytes),
      readRange: (_, offset, length) => () => right(bytes.subarray(offset, offset + length)),
    };
    return readRecords(await openParquet(files, '/file', bytes.length), { start: 0, end: 1000 }, [name]);
  };

  test('that is the value of very many rows is refused', async () => {
    await expect(readNamed('stats')).rejects.toMatchObject({
      problem: expect.stringContaining('1000 strings'),
    });
  });

  test('is read where it is the content of many files: it is there once', async () => {
    expect(await readNamed('content')).toHaveLength(1000);
  });
});
