import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { RowBounds } from '../log/file-statistics.js';
import type { ColumnFooter, Range } from '../parquet/column-reading.js';

/** A row group of a file. */
export interface Group extends Range {
  readonly bounds: RowBounds;
  /** The first and the last name in it, where that is known. */
  readonly names: { readonly first: unknown; readonly last: unknown };
}

/** The row groups of a file with the bounds that its footer gives. */
export const groupsOf = ({ groups }: ColumnFooter): readonly Group[] =>
  groups.map(({ start, end, bound }) => {
    // Made when they are asked for: most are not.
    const bounds = (which: 'least' | 'greatest') => ({
      get part_id() {
        return text(bound('part_id', which));
      },
      get node_id() {
        return text(bound('node_id', which));
      },
      get txn_seq() {
        return long(bound('txn_seq', which));
      },
    });
    return {
      start,
      end,
      bounds: { rows: end - start, min: bounds('least'), max: bounds('greatest') },
      names: {
        get first() {
          return bound('name', 'least');
        },
        get last() {
          return bound('name', 'greatest');
        },
      },
    };
  });

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const long = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** The rows from the first to the last one that have a value. */
export const extent = ({ start }: Range, values: readonly unknown[], wanted: string): Range => {
  const first = values.indexOf(wanted);
  return first < 0
    ? { start, end: start }
    : { start: start + first, end: start + values.lastIndexOf(wanted) + 1 };
};

/** The same of every value that there is; rows of another engine need not be sorted, so that these may overlap. */
export const extents = ({ start }: Range, values: readonly unknown[]): ReadonlyMap<unknown, Range> => {
  const found = new Map<unknown, Range>();
  let first = 0;
  while (first < values.length) {
    const value = values[first];
    let end = first + 1;
    while (end < values.length && values[end] === value) end += 1;
    found.set(value, { start: found.get(value)?.start ?? start + first, end: start + end });
    first = end;
  }
  return found;
};

/** Tells whether a row of the group may have that name. */
export const mayBeNamed = ({ names: { first, last } }: Group, name: string): boolean =>
  !(typeof first === 'string' && compareUtf8(name, first) < 0) &&
  !(typeof last === 'string' && compareUtf8(name, last) > 0);
