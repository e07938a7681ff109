import { parquetWriteBuffer } from 'hyparquet-writer';
import { compareUtf8 } from '../../domain/documents/bytes-order.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { ENGINE } from '../table-layout.js';
import { encodeFewRows } from './few-rows-encoding.js';
import { OP_LOG_COLUMNS, type OpLogRow, PARQUET_SCHEMA } from './op-log-columns.js';
import { groupSizes } from './row-groups.js';

/** A content, and a row among many, is read with the pages that it is in, so pages are small. */
const PAGE = 8 * 1024;
/** Rows, bytes of their contents and of one of them that are too few to be worth compressing; merging them again compresses them in the end. */
const FEW_ROWS = 64;
const LITTLE_CONTENT = 64 * 1024;
const SMALL_CONTENT = 16 * 1024;

/** Order of the rows in every file: what is read together lies together. */
export const compareRows = (a: NodeRow, b: NodeRow): number =>
  compareUtf8(a.partId, b.partId) || compareUtf8(a.nodeId, b.nodeId) || a.version - b.version;

/** Rows, sorted already, as a Parquet file. */
export const encodeRows = (rows: readonly OpLogRow[], pondId: string): Uint8Array =>
  areFew(rows) ? encodeFewRows(rows, pondId) : encodeManyRows(rows, pondId);

const areFew = (rows: readonly OpLogRow[]): boolean => {
  if (rows.length >= FEW_ROWS) return false;
  const sizes = rows.map(({ content }) => content?.length ?? 0);
  return (
    sizes.every((size) => size < SMALL_CONTENT) && sizes.reduce((sum, size) => sum + size, 0) < LITTLE_CONTENT
  );
};

/** The same for any number of rows. */
export const encodeManyRows = (rows: readonly OpLogRow[], pondId: string): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      schema: PARQUET_SCHEMA,
      codec: 'SNAPPY',
      // Ids share long prefixes: shortened bounds would select nothing.
      statisticsTruncateLength: Number.POSITIVE_INFINITY,
      rowGroupSize: groupSizes(rows),
      pageSize: PAGE,
      createdBy: ENGINE,
      columnData: OP_LOG_COLUMNS.map(({ name, statistics, read }) => ({
        name,
        statistics,
        data: rows.map((row) => read(row, pondId)),
        // Contents hardly ever repeat; looking for a dictionary would hash them all.
        ...(name === 'content' ? { encoding: 'PLAIN' as const, codec: 'SNAPPY' as const } : {}),
      })),
    }),
  );
