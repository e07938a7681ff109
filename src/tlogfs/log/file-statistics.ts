import { isLeft, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { NodeRow } from '../../domain/tree/node-row.js';

/** A minimum or maximum that is of another type than the column says nothing. */
const known = <A>(type: t.Type<A, unknown>) =>
  new t.Type<A | undefined, unknown>(
    `${type.name} or unknown`,
    (value): value is A | undefined => value === undefined || type.is(value),
    (value) => t.success(type.is(value) ? value : undefined),
    (value) => value,
  );

const Bounds = t.partial({
  part_id: known(t.string),
  node_id: known(t.string),
  version: known(t.number),
  txn_seq: known(t.number),
});

const OptionalBounds = t.union([Bounds, t.null]);
const Statistics = t.partial({
  numRecords: known(t.number),
  minValues: OptionalBounds,
  maxValues: OptionalBounds,
});

/** Facts about the rows of a file or of a row group that are known without reading them. Unknown bounds exclude nothing. */
export interface RowBounds {
  readonly rows: number;
  readonly min: t.TypeOf<typeof Bounds>;
  readonly max: t.TypeOf<typeof Bounds>;
}

/** The rows that are looked for. */
export interface RowSelection {
  readonly partId?: string;
  readonly nodeId?: string;
  readonly txnSeq?: number;
  /** Rows of later transactions than this one. */
  readonly after?: number;
}

/** Tells whether rows within these bounds can be among the selected ones. */
export const mayContain = ({ min, max }: RowBounds, selection: RowSelection): boolean =>
  within(selection.partId, min.part_id, max.part_id, compareUtf8) &&
  within(selection.nodeId, min.node_id, max.node_id, compareUtf8) &&
  within(selection.txnSeq, min.txn_seq, max.txn_seq, (a, b) => a - b) &&
  (selection.after === undefined || max.txn_seq === undefined || max.txn_seq > selection.after);

const within = <A>(
  value: A | undefined,
  min: A | undefined,
  max: A | undefined,
  compare: (a: A, b: A) => number,
): boolean =>
  value === undefined ||
  ((min === undefined || compare(min, value) <= 0) && (max === undefined || compare(value, max) <= 0));

/** `rows` are not empty. */
export const boundsOf = (rows: readonly NodeRow[]): RowBounds => ({
  rows: rows.length,
  min: extremes(rows, -1),
  max: extremes(rows, 1),
});

/** Statistics of a file as Delta Lake keeps them in `add.stats`. */
export const encodeStatistics = ({ rows, min, max }: RowBounds): string =>
  JSON.stringify({
    numRecords: rows,
    minValues: min,
    maxValues: max,
    nullCount: { part_id: 0, node_id: 0, version: 0, txn_seq: 0 },
  });

const extremes = (rows: readonly NodeRow[], sign: 1 | -1): t.TypeOf<typeof Bounds> => {
  const text = (of: (row: NodeRow) => string) =>
    rows.map(of).reduce((best, value) => (compareUtf8(value, best) * sign > 0 ? value : best));
  const number = (of: (row: NodeRow) => number) =>
    rows.map(of).reduce((best, value) => ((value - best) * sign > 0 ? value : best));
  return {
    part_id: text((row) => row.partId),
    node_id: text((row) => row.nodeId),
    version: number((row) => row.version),
    txn_seq: number((row) => row.txnSeq),
  };
};

/** Reads `add.stats`. A foreign writer may leave all or some of it out: that is not known then. Null: not JSON. */
export const decodeStatistics = (stats: string | null | undefined): RowBounds | null => {
  if (stats === null || stats === undefined) return { rows: 0, min: {}, max: {} };
  const parsed = parseJson(stats);
  const decoded = Statistics.is(parsed) ? right(parsed) : Statistics.decode(parsed);
  if (isLeft(decoded)) return null;
  const { numRecords, minValues, maxValues } = decoded.right;
  return { rows: numRecords ?? 0, min: minValues ?? {}, max: maxValues ?? {} };
};

/** Undefined, which no codec here accepts, for what is not JSON. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
