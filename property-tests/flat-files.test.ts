import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryFileSystem } from '../src/adapters/memory/file-system/memory-file-system.js';
import { encodeCheckpoint } from '../src/tlogfs/log/checkpoint-writing.js';
import { openColumns } from '../src/tlogfs/parquet/column-reading.js';
import { fileBytes, openParquet, readRecords } from '../src/tlogfs/parquet/parquet-reading.js';
import { ownRecords } from '../src/tlogfs/parquet/record-reading.js';
import { encodeFewRows } from '../src/tlogfs/rows/few-rows-encoding.js';
import { encodeManyRows } from '../src/tlogfs/rows/many-rows-encoding.js';
import { OP_LOG_COLUMNS, type OpLogRow } from '../src/tlogfs/rows/op-log-columns.js';
import { times } from '../test/support/times.js';
import { opLogRow } from './op-log-rows.js';

const NAMES = OP_LOG_COLUMNS.map(({ name }) => name);

/** Files of few rows, and of so many that they are compressed, have dictionaries and several pages; equal rows in turns, or one after another. */
const someRows = fc.oneof(
  fc.array(opLogRow, { minLength: 1, maxLength: 12 }),
  fc
    .tuple(
      fc.array(opLogRow, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 100, max: 900 }),
      fc.boolean(),
    )
    .map(([rows, count, inTurns]) =>
      Array.from({ length: count }, (_, index): OpLogRow => {
        const which = inTurns ? index % rows.length : Math.floor((index * rows.length) / count);
        const { row, content } = rows[which] as OpLogRow;
        return { content, row: { ...row, name: `${row.name}${index}`, txnSeq: index } };
      }),
    ),
);

/** A commit's own encoding is for so many rows at most. */
const FEW = 12;

const encodings = { few: encodeFewRows, many: encodeManyRows };

const fileOf = (content: Uint8Array) => {
  const { files } = createMemoryFileSystem({ now: () => 0 });
  files.writeNewFile('/part.parquet', content)();
  return files;
};

/** Numbers as the flat reader gives them: bigints only where a number is not exact. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return [...value];
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : (value ?? null);
};

test('a flat file is read as the general parser reads it, whichever rows and columns are asked for', async () => {
  await fc.assert(
    fc.asyncProperty(
      someRows,
      fc.constantFrom<keyof typeof encodings>('few', 'many'),
      fc.subarray(NAMES, { minLength: 1 }),
      fc.tuple(fc.nat(), fc.nat()),
      async (all, encoding, names, [a, b]) => {
        const rows = encoding === 'few' ? all.slice(0, FEW) : all;
        const content = encodings[encoding](rows, 'a pond');
        const files = fileOf(content);
        const [start = 0, end = 0] = [a % rows.length, 1 + (b % rows.length)].sort((x, y) => x - y);
        const range = { start, end: Math.max(end, start + 1) };
        const columns = await openColumns(files, '/part.parquet', content.length);
        expect(columns.footer.flat).not.toBeNull();
        const read = await columns.read(range, names);
        const expected = await readRecords(
          await openParquet(files, '/part.parquet', content.length),
          range,
          names,
        );
        for (const name of names) {
          expect(read[name]?.map(plain)).toEqual(expected.map((record) => plain(record[name])));
        }
      },
    ),
    times(100),
  );
});

test('a damaged flat file is read, or refused as one that cannot be read', async () => {
  await fc.assert(
    fc.asyncProperty(
      someRows,
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 }),
      async (rows, damages) => {
        const content = Uint8Array.from(encodeManyRows(rows, 'a pond'));
        for (const [at, byte] of damages) content[at % content.length] = byte;
        const read = async () => {
          const columns = await openColumns(fileOf(content), '/part.parquet', content.length);
          const { rows: count } = columns.footer;
          return { count, values: await columns.read({ start: 0, end: count }, NAMES) };
        };
        const outcome = await read().catch((error: unknown) => error);
        if (typeof outcome === 'object' && outcome !== null && 'count' in outcome) {
          const { count, values } = outcome as Awaited<ReturnType<typeof read>>;
          for (const name of NAMES) expect(values[name]).toHaveLength(count);
        } else
          expect(outcome).toMatchObject({ _tag: expect.stringMatching(/^(CorruptData|UnsupportedData)$/) });
      },
    ),
    times(300),
  );
});

test('a checkpoint is read as the general parser reads it', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  const texts = fc.dictionary(text, fc.option(text, { nil: null }), { maxKeys: 4 });
  const add = fc.record({
    path: text,
    partitionValues: fc.constant({}),
    size: fc.maxSafeNat(),
    modificationTime: fc.maxSafeNat(),
    dataChange: fc.boolean(),
    bounds: fc.record({
      rows: fc.nat(),
      min: fc.record({ part_id: text }),
      max: fc.record({ part_id: text }),
    }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(add, { maxLength: 200 }),
      fc.array(fc.record({ appId: text, version: fc.nat() }), { maxLength: 3 }),
      texts,
      async (adds, txns, configuration) => {
        const { content } = encodeCheckpoint(
          {
            version: 7,
            protocol: { minReaderVersion: 1, minWriterVersion: 2 },
            metaData: {
              id: 'a pond',
              format: { provider: 'parquet' },
              schemaString: '{}',
              partitionColumns: [],
              configuration,
            },
            txns: new Map(txns.map((txn) => [txn.appId, txn])),
            files: new Map(adds.map((each) => [each.path, each])),
            removed: new Map(),
            checkpointVersion: -1,
          },
          0,
        );
        const files = fileOf(content);
        const parquet = await openParquet(files, '/part.parquet', content.length);
        const range = { start: 0, end: Number(parquet.metadata.num_rows) };
        const expected = await readRecords(parquet, range);
        const read = ownRecords('/part.parquet', fileBytes(files, '/part.parquet', content.length));
        expect(read).not.toBeNull();
        expect(read?.map(plainDeep)).toEqual(expected.map(plainDeep));
      },
    ),
    times(50),
  );
});

/** The same without what is missing, and with numbers for bigints. */
const plainDeep = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plainDeep);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return plain(value);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, plainDeep(member)] as const)
      .filter(([, member]) => member !== null),
  );
};
