/** Rows as aligned columns, two spaces between them. Columns named in `right` are aligned to the right. */
export const renderColumns = (
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
  widths = columnWidths(rows),
): readonly string[] =>
  rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, right.includes(column)))
      .join('  ')
      .trimEnd(),
  );

/** Characters of a column, at most: one cell without end would be padded to in every row. */
const WIDEST = 512;

export const columnWidths = (rows: readonly (readonly string[])[]): readonly number[] =>
  rows.reduce<readonly number[]>(
    (widths, row) => row.map((cell, column) => Math.max(widths[column] ?? 0, Math.min(cell.length, WIDEST))),
    [],
  );

const pad = (cell: string, width: number, toTheRight: boolean): string =>
  toTheRight ? cell.padStart(width) : cell.padEnd(width);
