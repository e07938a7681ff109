import type { FileMetaData } from 'hyparquet';
import { compareUtf8 } from '../../domain/documents/bytes-order.js';
import type { RowBounds } from '../log/file-statistics.js';

/** Rows of a file, counted from its first one. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A row group of a file. */
export interface Group extends Range {
  readonly bounds: RowBounds;
  /** The first and the last name in it, where that is known. */
  readonly names: { readonly first: unknown; readonly last: unknown };
}

/** The row groups of a file with the bounds that its footer gives. */
export const groupsOf = ({ row_groups }: FileMetaData): readonly Group[] => {
  let start = 0;
  return row_groups.map(({ num_rows, columns }) => {
    const rows = Number(num_rows);
    const bound = (column: string, end: 'min_value' | 'max_value'): unknown =>
      columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column)?.meta_data?.statistics?.[end];
    const bounds = (end: 'min_value' | 'max_value'): RowBounds['min'] => ({
      ...text('part_id', bound('part_id', end)),
      ...text('node_id', bound('node_id', end)),
      ...long('txn_seq', bound('txn_seq', end)),
    });
    const group = {
      start,
      end: start + rows,
      bounds: { rows, min: bounds('min_value'), max: bounds('max_value') },
      names: { first: bound('name', 'min_value'), last: bound('name', 'max_value') },
    };
    start += rows;
    return group;
  });
};

const text = (key: 'part_id' | 'node_id', value: unknown): RowBounds['min'] =>
  typeof value === 'string' ? { [key]: value } : {};

const long = (key: 'txn_seq', value: unknown): RowBounds['min'] =>
  typeof value === 'bigint' ? { [key]: Number(value) } : {};

/** The rows from the first to the last one that have a value. */
export const extent = ({ start }: Range, values: readonly unknown[], wanted: string): Range => {
  const first = values.indexOf(wanted);
  return first < 0
    ? { start, end: start }
    : { start: start + first, end: start + values.lastIndexOf(wanted) + 1 };
};

/** Tells whether a row of the group may have that name. */
export const mayBeNamed = ({ names: { first, last } }: Group, name: string): boolean =>
  !(typeof first === 'string' && compareUtf8(name, first) < 0) &&
  !(typeof last === 'string' && compareUtf8(name, last) > 0);
