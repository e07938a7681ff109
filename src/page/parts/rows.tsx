import { useState } from 'preact/hooks';
import { keepAs } from '../api.js';
import type { QueryResult } from '../shapes.js';
import { Chart, drawable } from './chart.js';
import { Table } from './pieces.js';
import { cell } from './words.js';

const SHOWN = 200;

const csvField = (value: unknown): string => {
  const text =
    value === null || value === undefined
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const csvOf = ({ columns, rows }: QueryResult): string =>
  [columns, ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');

const jsonOf = ({ columns, rows }: QueryResult): string =>
  JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]]))),
    null,
    1,
  );

/** Rows as a table, as a chart where they can be drawn, and to be kept. */
export const Rows = ({ result, name }: { readonly result: QueryResult; readonly name: string }) => {
  const [asChart, setAsChart] = useState(true);
  const [shown, setShown] = useState(SHOWN);
  const canDraw = drawable(result) !== null;
  return (
    <div>
      <div class="tools">
        <span class="quiet">
          {result.rows.length} rows{result.is_cut ? ', and there are more' : ''}
        </span>
        {canDraw ? (
          <label>
            <input type="checkbox" checked={asChart} onChange={() => setAsChart(!asChart)} /> chart
          </label>
        ) : null}
        <button type="button" onClick={() => keepAs(`${name}.csv`, csvOf(result), 'text/csv')}>
          CSV
        </button>
        <button type="button" onClick={() => keepAs(`${name}.json`, jsonOf(result), 'application/json')}>
          JSON
        </button>
      </div>
      {canDraw && asChart ? <Chart result={result} /> : null}
      <Table label="rows" head={result.columns.map(cell)}>
        {result.rows.slice(0, shown).map((row, at) => (
          <tr key={at}>
            {row.map((value, column) => (
              <td key={column} class={typeof value === 'number' ? 'number' : ''}>
                {cell(value)}
              </td>
            ))}
          </tr>
        ))}
      </Table>
      {result.rows.length > shown ? (
        <button type="button" onClick={() => setShown(shown + 1_000)}>
          show more
        </button>
      ) : null}
    </div>
  );
};
