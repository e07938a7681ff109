import type { CollectedRow } from '../collecting/csv-rows.js';

/** Rows by column: an object for each row would take several times the memory. */
export interface GatheredRows {
  readonly add: (row: CollectedRow) => void;
  /** Tells whether there were more values than are kept. */
  readonly areTooMany: () => boolean;
  readonly count: () => number;
  /** Names of columns in the order in which they came. */
  readonly names: () => readonly string[];
  /** A value, null where the row has none. Rows count from 0. */
  readonly valueAt: (row: number, name: string) => unknown;
  /** A row as an object, without the values that it does not have. */
  readonly rowAt: (row: number) => CollectedRow;
}

/** Bounds of what is gathered. */
export interface Gathering {
  /** Tells whether a column of that name is wanted. */
  readonly isWanted: (name: string) => boolean;
  /** Values of all rows and columns, missing ones among them. A server may give each row columns of its own. */
  readonly maxValues: number;
}

export const gatheredRows = ({ isWanted, maxValues }: Gathering): GatheredRows => {
  const columns = new Map<string, unknown[]>();
  let count = 0;
  let values = 0;
  const valueAt = (row: number, name: string): unknown => columns.get(name)?.[row] ?? null;
  const put = (name: string, value: unknown): void => {
    const column = columns.get(name) ?? [];
    values += count + 1 - column.length;
    if (values > maxValues) return;
    columns.set(name, column);
    while (column.length < count) column.push(null);
    column.push(value);
  };
  return {
    add: (row) => {
      for (const [name, value] of Object.entries(row)) if (isWanted(name)) put(name, value);
      count += 1;
    },
    areTooMany: () => values > maxValues,
    count: () => count,
    names: () => [...columns.keys()],
    valueAt,
    rowAt: (row) =>
      Object.fromEntries(
        [...columns.keys()].flatMap((name) => {
          const value = valueAt(row, name);
          return value === null ? [] : [[name, value]];
        }),
      ),
  };
};
