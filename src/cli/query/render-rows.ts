import type { Json } from '../../domain/documents/json.js';
import { printable, printableJson } from '../../domain/text/printable.js';
import { columnWidths, renderColumns } from '../words/render-columns.js';

/** Form in which the rows of a result are printed. */
export type PrintedFormat = 'table' | 'json';

/** Turns batches of rows into text, piece by piece: a result never has to fit in memory. */
export interface RowWriter {
  readonly begin: string;
  readonly batch: (rows: readonly (readonly Json[])[]) => string;
  readonly end: () => string;
}

export const rowWriter = (format: PrintedFormat, columns: readonly string[]): RowWriter => {
  switch (format) {
    case 'json':
      return jsonRows(columns);
    case 'table':
      return tableRows(columns);
  }
};

/** One array of objects. */
const jsonRows = (columns: readonly string[]): RowWriter => {
  let count = 0;
  return {
    begin: '[',
    batch: (rows) =>
      rows
        .map((row) => {
          const object = Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null]));
          count += 1;
          return `${count === 1 ? '' : ','}\n${printableJson(JSON.stringify(object))}`;
        })
        .join(''),
    end: () => (count === 0 ? ']\n' : '\n]\n'),
  };
};

/** Rows for people, without what a terminal acts upon. Aligned by the widths of the first batch, so that later rows need not be waited for. */
const tableRows = (columns: readonly string[]): RowWriter => {
  const names = columns.map(printable);
  let widths: readonly number[] | null = null;
  let count = 0;
  return {
    begin: '',
    batch: (rows) => {
      const cells = rows.map((row) =>
        row.map((value) => printable(asText(value).replace(/[\r\n\t]+/g, ' '))),
      );
      count += rows.length;
      if (widths !== null) {
        const blank = widths.map((width) => ' '.repeat(width));
        return lines(renderColumns([blank, ...cells]).slice(1));
      }
      widths = columnWidths([names, ...cells]);
      const rule = widths.map((width) => '-'.repeat(width));
      return lines(renderColumns([names, rule, ...cells]));
    },
    end: () => {
      const head =
        widths === null ? lines(renderColumns([names, names.map((name) => '-'.repeat(name.length))])) : '';
      return `${head}(${count} ${count === 1 ? 'row' : 'rows'})\n`;
    },
  };
};

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

const asText = (value: Json): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
