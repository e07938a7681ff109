import * as fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { expect, test } from 'vitest';
import { createMemoryFileSystem } from '../src/adapters/memory/memory-file-system.js';
import { lowerBound } from '../src/domain/tree/event-time.js';
import type { NodeRow } from '../src/domain/tree/node-row.js';
import { boundsOf } from '../src/tlogfs/log/file-statistics.js';
import { encodeFewRows } from '../src/tlogfs/rows/few-rows-encoding.js';
import type { OpLogRow } from '../src/tlogfs/rows/op-log-columns.js';
import { encodeManyRows } from '../src/tlogfs/rows/row-encoding.js';
import { rowFiles } from '../src/tlogfs/rows/row-files.js';
import { tableLayout } from '../src/tlogfs/table-layout.js';
import { times } from '../test/support/times.js';

const entryTypes = [
  'file',
  'table',
  'series',
  'directory',
  'symlink',
  'file:dynamic',
  'directory:dynamic',
] as const;
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const maybe = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: null });
const long = fc.maxSafeNat();
const anyLong = fc.maxSafeInteger();

/** Each event time that is written: also beyond what a number holds exactly. */
const anyEventTime = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(lowerBound);

const nodeRow: fc.Arbitrary<NodeRow> = fc
  .record({
    partId: text,
    nodeId: text,
    name: text,
    fileType: fc.constantFrom(...entryTypes),
    version: long,
    timestamp: anyLong,
    txnSeq: long,
    deleted: fc.boolean(),
    storageFormat: fc.constantFrom('inline', 'external', 'none'),
    size: long,
    sha256: maybe(text),
    factory: maybe(text),
    minEventTime: maybe(anyEventTime),
    maxEventTime: maybe(anyEventTime),
    attributes: maybe(text),
  })
  .map((row) => ({ ...row, factory: row.factory ?? (row.fileType.endsWith(':dynamic') ? 'f' : null) }));

const opLogRow: fc.Arbitrary<OpLogRow> = fc.record({
  row: nodeRow,
  content: maybe(fc.uint8Array({ maxLength: 300 })),
});

const rowsOfCommit = fc.array(opLogRow, { minLength: 1, maxLength: 40 });

const metadataOf = (file: Uint8Array) => parquetMetadata(Uint8Array.from(file).buffer);

test('the file of a commit has exactly the rows that were written', async () => {
  await fc.assert(
    fc.asyncProperty(rowsOfCommit, async (rows) => {
      const content = encodeFewRows(rows, 'a pond');
      const { files } = createMemoryFileSystem({ now: () => 0 });
      files.makeDirectories('/data')();
      files.writeNewFile('/data/part-x.parquet', content)();
      const file = {
        path: 'part-x.parquet',
        size: content.length,
        modificationTime: 0,
        dataChange: true,
        bounds: boundsOf(rows.map(({ row }) => row)),
      };
      const read = await rowFiles(files, tableLayout('/data')).readAll(file);
      expect(
        read.map(({ row, content }) => ({ row, content: content === null ? null : [...content] })),
      ).toEqual(rows.map(({ row, content }) => ({ row, content: content === null ? null : [...content] })));
    }),
    times(300),
  );
});

test('its footer says of schema, columns and bounds what the footer of a merged file says', async () => {
  await fc.assert(
    fc.property(rowsOfCommit, (rows) => {
      const few = metadataOf(encodeFewRows(rows, 'a pond'));
      const many = metadataOf(encodeManyRows(rows, 'a pond'));
      expect(few.schema).toEqual(many.schema);
      expect(few.num_rows).toEqual(many.num_rows);
      expect(few.created_by).toEqual(many.created_by);
      const columns = ({ row_groups: groups }: typeof few) =>
        groups[0]?.columns.map(({ meta_data: column }) => ({
          type: column?.type,
          path: column?.path_in_schema,
          values: column?.num_values,
          statistics: column?.statistics,
        }));
      expect(columns(few)).toEqual(columns(many));
    }),
    times(300),
  );
});
