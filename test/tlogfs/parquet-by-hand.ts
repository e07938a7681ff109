import { parquetMetadata } from 'hyparquet';
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

/* Parquet files of which every byte can be chosen. */

export type Metadata = ReturnType<typeof parquetMetadata>;

/** Rows in the one row group. */
export const ROWS = 20;
/** One row group of one column that may be null, and is not compressed. */
const model = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: 'n', data: Array.from({ length: ROWS }, (_, row) => (row === 3 ? null : row)), type: 'INT32' },
    ],
    codec: 'UNCOMPRESSED',
  }),
);

export interface Made {
  /** The column's pages. */
  readonly pages: readonly number[];
  /** Comes after them. */
  readonly index?: (start: number, end: number) => readonly number[];
  readonly change?: (metadata: Metadata) => void;
}

/** A file with other pages. */
export const fileOf = ({ pages, index, change }: Made): Uint8Array => {
  const metadata = parquetMetadata(model.slice().buffer);
  const writer = new ByteWriter();
  writer.appendBytes(Buffer.from('PAR1'));
  const start = writer.offset;
  writer.appendBytes(Uint8Array.from(pages));
  const end = writer.offset;
  const [chunk] = metadata.row_groups[0]?.columns ?? [];
  if (chunk?.meta_data === undefined) throw new Error('no column');
  chunk.meta_data.data_page_offset = BigInt(start);
  delete chunk.meta_data.dictionary_page_offset;
  chunk.meta_data.total_compressed_size = BigInt(end - start);
  const listed = index?.(start, end);
  if (listed !== undefined) {
    chunk.offset_index_offset = BigInt(writer.offset);
    chunk.offset_index_length = listed.length;
    writer.appendBytes(Uint8Array.from(listed));
  }
  change?.(metadata);
  writeMetadata(writer, metadata);
  writer.appendBytes(Buffer.from('PAR1'));
  return new Uint8Array(writer.getBytes());
};

export const leb128 = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...leb128(Math.floor(value / 128))];
const u32 = (value: number): readonly number[] => [...Buffer.from(Uint32Array.of(value).buffer)];

// Thrift's compact protocol: a field's head is its distance from the one before, and its type.
export const i32 = (value: number, distance = 1): readonly number[] => [
  16 * distance + 5,
  ...leb128(2 * value),
];
export const i64 = (value: number, distance = 1): readonly number[] => [
  16 * distance + 6,
  ...leb128(2 * value),
];
export const struct = (fields: readonly number[], distance = 1): readonly number[] => [
  16 * distance + 12,
  ...fields,
  0,
];

export const ENCODING = { plain: 0, rle: 3, delta: 5, deltaText: 7, dictionary: 8, split: 9 };

export const pageV1 = (content: readonly number[], encoding: number, values = ROWS) => {
  const header = [...i32(values), ...i32(encoding), ...i32(ENCODING.rle), ...i32(ENCODING.rle)];
  return [...i32(0), ...i32(content.length), ...i32(content.length), ...struct(header, 2), 0, ...content];
};

export const pageV2 = (
  levels: readonly number[],
  content: readonly number[],
  encoding: number,
  values = ROWS,
) => {
  const size = levels.length + content.length;
  const header = [
    ...i32(values),
    ...i32(0),
    ...i32(values),
    ...i32(encoding),
    ...i32(levels.length),
    ...i32(0),
  ];
  return [...i32(3), ...i32(size), ...i32(size), ...struct(header, 5), 0, ...levels, ...content];
};

/** A run of one value. */
export const run = (count: number, value = 1) => [...leb128(2 * count), value];
export const sized = (runs: readonly number[]) => [...u32(runs.length), ...runs];
export const ALL_THERE = run(ROWS);
export const NUMBERS = Array.from({ length: ROWS }, (_, row) => u32(row)).flat();

/** A file with these bytes as its footer. */
export const withFooter = (footer: readonly number[]): Uint8Array =>
  Uint8Array.from([...Buffer.from('PAR1'), ...footer, ...u32(footer.length), ...Buffer.from('PAR1')]);

/** A file without rows, and with statistics of a decimal of so many bytes, which the parser would make a number of. */
export const decimalsOf = (length: number): Buffer => {
  const text = (value: string, distance: number) => [16 * distance + 8, ...counted(Buffer.from(value))];
  const list = (items: readonly (readonly number[])[], distance: number) => [
    ...[16 * distance + 9, 16 * items.length + 12],
    ...items.flatMap((item) => [...item, 0]),
  ];
  const counted = (bytes: Uint8Array) => [...leb128(bytes.length), ...bytes];
  const footer = () => {
    const decimal = [...i32(7), ...i32(16), ...text('v', 2), ...i32(5, 2)];
    const pathInSchema = [16 * 3 + 9, 16 + 8, ...counted(Buffer.from('v'))];
    const statistics = struct([0x18, ...counted(Buffer.alloc(length, 1))], 9);
    const column = struct([...pathInSchema, ...statistics], 3);
    return Buffer.from([
      ...i32(1),
      ...list([[...text('root', 4), ...i32(1)], decimal], 1),
      ...i64(0),
      ...list([[...list([column], 1), ...i64(0), ...i64(0)]], 1),
      0,
    ]);
  };
  const [made, size] = [footer(), Buffer.alloc(4)];
  size.writeUInt32LE(made.length);
  return Buffer.concat([Buffer.from('PAR1'), made, size, Buffer.from('PAR1')]);
};
