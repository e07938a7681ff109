import * as fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { expect, test } from 'vitest';
import { createMemoryFileSystem } from '../src/adapters/memory/file-system/memory-file-system.js';
import { boundsOf } from '../src/tlogfs/log/file-statistics.js';
import { encodeFewRows } from '../src/tlogfs/rows/few-rows-encoding.js';
import { encodeManyRows } from '../src/tlogfs/rows/many-rows-encoding.js';
import { rowFiles } from '../src/tlogfs/rows/row-files.js';
import { tableLayout } from '../src/tlogfs/table-layout.js';
import { times } from '../test/support/times.js';
import { opLogRow } from './op-log-rows.js';

const rowsOfCommit = fc.array(opLogRow, { minLength: 1, maxLength: 70 });

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
