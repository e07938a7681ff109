import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parquetOf, rowsOf } from '../factories/derived/parquet.js';
import { bytesAt, newPond, textAt } from '../factories/derived/pond-with.js';

const PAGES = ['sql-derived', 'timeseries-pivot', 'timeseries-join', 'temporal-reduce', 'dynamic-dir'];

const pageOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../docs/factories/${name}.md`), 'utf8');

/** The example of a page, and the path that its first line says. */
const exampleOf = (name: string): { readonly path: string; readonly yaml: string } => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(pageOf(name)) ?? [];
  return { yaml, path: /^# ([^\s,]+)/.exec(yaml)?.[1] ?? '' };
};

const sensors = (column: string, value: string) =>
  parquetOf(
    `SELECT TIMESTAMPTZ '2026-02-28 23:00:00Z' + INTERVAL 1 HOUR * i AS time, ${column}${value} AS temperature FROM range(3) AS r(i)`,
  );

describe('the pages of derived nodes', () => {
  it('have examples that make what they say', async () => {
    const pond = await newPond();
    const days = 'date,temp_max\n2012-01-01,20\n2012-07-01,30\n';
    await pond.write(async ({ fs }) => {
      await fs.mkdirAll('/sensors');
      await fs.mkdirAll('/weather');
      await fs.write('/weather/2012.csv', Buffer.from(days));
      await fs.appendToSeries(
        '/sensors/readings',
        await sensors("CASE i WHEN 0 THEN 'north' ELSE 'south' END AS sensor, ", 'i'),
      );
      for (const name of ['north', 'north-old', 'north-new', 'south'])
        await fs.appendToSeries(`/sensors/${name}`, await sensors('', `${name.length} + i`));
    });
    for (const name of PAGES) {
      const { path, yaml } = exampleOf(name);
      const isDirectory = name === 'temporal-reduce' || name === 'dynamic-dir';
      const type = isDirectory ? ('directory:dynamic' as const) : ('file:dynamic' as const);
      await pond.write(async ({ fs }) => {
        await fs.mkdirAll('/derived');
        if (path === '/derived') await fs.remove('/derived', { recursive: true });
        await fs.createDynamicPath(path, type, name, Buffer.from(yaml));
      });
      const rows = (file: string) => bytesAt(pond, file).then(rowsOf);
      if (name === 'sql-derived') expect(await rows(path)).toMatchObject([{ temp_max: '30' }]);
      if (name === 'timeseries-pivot')
        expect((await rows(path)).map((row) => Object.keys(row))[0]).toEqual(['time', 'north', 'south']);
      if (name === 'timeseries-join')
        expect(await rows(path)).toMatchObject([
          { north_temperature: '9', south_temperature: '5' },
          { north_temperature: '10', south_temperature: '6' },
          { north_temperature: '11', south_temperature: '7' },
        ]);
      if (name === 'temporal-reduce') {
        expect(await rows(`${path}/1h.parquet`)).toHaveLength(3);
        expect(await rows(`${path}/1d.parquet`)).toMatchObject([
          { temperature_count: '1' },
          { temperature_count: '2', temperature_avg: 6.5 },
        ]);
      }
    }
    expect(await textAt(pond, '/derived/warm.csv')).toBe('date,temp_max\n2012-07-01,30\n');
    expect(await rowsOf(await bytesAt(pond, '/derived/north/1d.parquet'))).toHaveLength(2);
  });
});
