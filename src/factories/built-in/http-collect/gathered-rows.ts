import type { CollectedRow } from '../collecting/csv-rows.js';

/** Rows by column: an object for each row would take several times the memory. */
export interface GatheredRows {
  readonly add: (row: CollectedRow) => void;
  readonly count: () => number;
  /** Names of columns in the order in which they came. */
  readonly names: () => readonly string[];
  /** A value, null where the row has none. Rows count from 0. */
  readonly valueAt: (row: number, name: string) => unknown;
  /** A row as an object, without the values that it does not have. */
  readonly rowAt: (row: number) => CollectedRow;
}

export const gatheredRows = (): GatheredRows => {
  const columns = new Map<string, unknown[]>();
  let count = 0;
  const valueAt = (row: number, name: string): unknown => columns.get(name)?.[row] ?? null;
  return {
    add: (row) => {
      for (const [name, value] of Object.entries(row)) {
        const values = columns.get(name) ?? [];
        columns.set(name, values);
        while (values.length < count) values.push(null);
        values.push(value);
      }
      count += 1;
    },
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
