import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { encodeFewRows } from './few-rows-encoding.js';
import { encodeManyRows } from './many-rows-encoding.js';
import type { OpLogRow } from './op-log-columns.js';

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
