import { useState } from 'preact/hooks';
import { keepAs, postForFile } from '../api.js';
import { failureOf } from '../asking.js';
import type { Failure, QueryResult } from '../shapes.js';
import { Chart, drawable } from './chart.js';
import { Failed, Table } from './pieces.js';
import { cell, counted } from './words.js';

/** Rows that are shown at first: what follows them on the page is not far. */
const SHOWN = 50;

const FORMATS = ['csv', 'parquet', 'json'] as const;

/** A query whose rows are shown; all of them can be kept, also those that are not. */
export interface RowsSource {
  /** Address of the pond in the interface. */
  readonly base: string;
  readonly sql: string;
  readonly at: number | undefined;
}

/** Buttons that keep all rows of a query as a file, which the server writes. */
const Keeping = ({
  source: { base, sql, at },
  name,
}: {
  readonly source: RowsSource;
  readonly name: string;
}) => {
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const keep = async (format: (typeof FORMATS)[number]) => {
    setBusy(format);
    setFailure(null);
    try {
      const body = { sql, format, ...(at === undefined ? {} : { at }) };
      keepAs(`${name}.${format}`, await postForFile(`${base}/sql/file`, body));
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(null);
    }
  };
  return (
    <>
      <span class="quiet">keep all rows as</span>
      {FORMATS.map((format) => (
        <button key={format} type="button" disabled={busy !== null} onClick={() => void keep(format)}>
          {busy === format ? 'writing …' : NAMES[format]}
        </button>
      ))}
      {failure === null ? null : <Failed failure={failure} />}
    </>
  );
};

const NAMES = { csv: 'CSV', parquet: 'Parquet', json: 'JSON' } as const;

/** Columns whose first value is a number. */
const numbersIn = ({ columns, rows }: QueryResult): ReadonlySet<number> =>
  new Set(
    columns.flatMap((_, at) => (typeof rows.find((row) => row[at] !== null)?.[at] === 'number' ? [at] : [])),
  );

/** Rows as a table, as a chart where they can be drawn, and to be kept. */
export const Rows = ({
  result,
  name,
  source,
}: {
  readonly result: QueryResult;
  readonly name: string;
  readonly source: RowsSource;
}) => {
  const [asChart, setAsChart] = useState(true);
  const [shown, setShown] = useState(SHOWN);
  const canDraw = drawable(result) !== null;
  return (
    <div>
      <div class="tools">
        <span class="quiet">
          {result.is_cut ? `the first ${result.rows.length} rows` : counted(result.rows.length, 'row')}
        </span>
        {canDraw ? (
          <label>
            <input type="checkbox" checked={asChart} onChange={() => setAsChart(!asChart)} /> chart
          </label>
        ) : null}
        <Keeping source={source} name={name} />
      </div>
      {canDraw && asChart ? <Chart result={result} /> : null}
      <Table label="rows" head={result.columns.map(cell)} numbers={numbersIn(result)}>
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
