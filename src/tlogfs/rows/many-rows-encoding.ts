import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { ENGINE } from '../table-layout.js';
import { nameFilter } from './name-filter.js';
import { OP_LOG_COLUMNS, type OpLogRow, PARQUET_SCHEMA } from './op-log-columns.js';
import { groupSizes } from './row-groups.js';

/** A content, and a row among many, is read with the pages that it is in, so pages are small. */
const PAGE = 8 * 1024;

/**
 * Columns of which each row has values of its own: compressed they are hardly smaller (some 30 bytes less for a row),
 * and whoever lists a folder of a thousand rows would spend a twentieth of the processor's time on undoing it.
 */
const UNCOMPRESSED: ReadonlySet<string> = new Set(['node_id', 'name', 'timestamp', 'txn_seq', 'sha256']);

/** Any number of rows, sorted already, as a Parquet file. */
export const encodeManyRows = (rows: readonly OpLogRow[], pondId: string): Uint8Array => {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: PARQUET_SCHEMA,
    codec: 'SNAPPY',
    // Ids share long prefixes: shortened bounds would select nothing.
    statisticsTruncateLength: Number.POSITIVE_INFINITY,
    createdBy: ENGINE,
  });
  const filter = nameFilter(rows);
  if (filter !== null) writer.appendBytes(filter);
  let start = 0;
  // Group by group: the values of all columns at once would be several times the rows. Nothing of it waits: it is written to memory.
  for (const size of groupSizes(rows)) {
    const group = rows.slice(start, start + size);
    start += size;
    void parquet.write({
      rowGroupSize: size,
      pageSize: PAGE,
      columnData: OP_LOG_COLUMNS.map(({ name, statistics, read }) => ({
        name,
        statistics,
        data: group.map((row) => read(row, pondId)),
        // Contents hardly ever repeat; looking for a dictionary would hash them all.
        ...(UNCOMPRESSED.has(name) ? { codec: 'UNCOMPRESSED' as const } : {}),
        ...(name === 'content' ? { encoding: 'PLAIN' as const, codec: 'SNAPPY' as const } : {}),
      })),
    });
  }
  void parquet.finish();
  return writer.getBytes();
};
