import { describe, expect, it } from 'vitest';
import { readings, rowsOf } from './parquet.js';
import { bytesAt, derive, newPond, type Pond, textAt } from './pond-with.js';

const csv = (pond: Pond, path: string, text: string) =>
  pond.write(async ({ fs }) => {
    await fs.mkdirAll('/in');
    return fs.write(path, Buffer.from(text));
  });

describe('sql-derived', () => {
  it('is computed from what is there when it is read, in each of its formats', async () => {
    const pond = await newPond();
    await csv(pond, '/in/days.csv', 'day,temp\n1,20\n2,30\n');
    const sql = `sql: SELECT day, temp FROM '/in/days.csv' WHERE temp > 25 ORDER BY day`;
    await derive(pond, {
      '/derived/warm.csv': ['sql-derived', sql],
      '/derived/warm.json': ['sql-derived', sql],
      '/derived/warm': ['sql-derived', `${sql}\nformat: parquet`],
    });
    expect(await textAt(pond, '/derived/warm.csv')).toBe('day,temp\n2,30\n');
    await csv(pond, '/in/days.csv', 'day,temp\n1,40\n2,30\n');
    expect(await textAt(pond, '/derived/warm.csv')).toBe('day,temp\n1,40\n2,30\n');
    expect(await textAt(pond, '/derived/warm.json')).toBe('{"day":1,"temp":40}\n{"day":2,"temp":30}\n');
    expect(await rowsOf(await bytesAt(pond, '/derived/warm'))).toHaveLength(2);
    // The snapshot of a reader decides, not the newest one.
    expect(await textAt(pond, '/derived/warm.csv', 3)).toBe('day,temp\n2,30\n');
  });

  it('uses other derived nodes, and says the way round where they use it', async () => {
    const pond = await newPond();
    await csv(pond, '/in/a.csv', 'x\n1\n2\n');
    await derive(pond, {
      '/d/double.csv': ['sql-derived', `sql: SELECT x * 2 AS x FROM '/in/a.csv'`],
      '/d/sum.csv': ['sql-derived', `sql: SELECT sum(x) AS s FROM '/d/double.csv'`],
    });
    expect(await textAt(pond, '/d/sum.csv')).toBe('s\n6\n');
    await derive(pond, { '/d/double.csv': ['sql-derived', `sql: SELECT s AS x FROM '/d/sum.csv'`] });
    await expect(textAt(pond, '/d/sum.csv')).rejects.toMatchObject({
      error: { _tag: 'CyclicContent', cycle: ['/d/sum.csv', '/d/double.csv', '/d/sum.csv'] },
    });
    await expect(textAt(pond, '/d/sum.csv')).rejects.toThrow(
      '/d/sum.csv is made of itself: /d/sum.csv -> /d/double.csv -> /d/sum.csv',
    );
  });

  it("calls DuckDB's readers with paths and patterns of the pond, and is made again when what they match changes", async () => {
    const pond = await newPond();
    await csv(pond, '/in/a.txt', 'x;y\n1;2\n');
    await csv(pond, '/in/b.txt', 'x;y\n3;4\n');
    await csv(pond, '/in/c.json', '{"x": 10}\n');
    await derive(pond, {
      '/d/all.csv': [
        'sql-derived',
        `sql: |
  SELECT filename, x, (SELECT max(x) FROM read_json('/in/c.json')) AS most
  FROM read_csv('/in/*.txt', delim = ';', filename = true) ORDER BY x`,
      ],
      '/d/files.csv': [
        'sql-derived',
        `sql: SELECT filename, count(*) AS n FROM '/in/*.csv' GROUP BY 1 ORDER BY 1`,
      ],
      '/d/two.csv': [
        'sql-derived',
        `sql: "SELECT sum(y) AS y FROM read_csv(['/in/a.txt', '/in/b.txt'], delim = ';')"`,
      ],
    });
    expect(await textAt(pond, '/d/all.csv')).toBe('filename,x,most\n/in/a.txt,1,10\n/in/b.txt,3,10\n');
    expect(await textAt(pond, '/d/two.csv')).toBe('y\n6\n');
    await csv(pond, '/in/d.txt', 'x;y\n9;9\n');
    expect(await textAt(pond, '/d/all.csv')).toContain('/in/d.txt,9,10');
    await csv(pond, '/in/one.csv', 'a,b\n1,2\n');
    expect(await textAt(pond, '/d/files.csv')).toBe('filename,n\n/in/one.csv,1\n');
    await pond.write(({ fs }) => fs.rename('/in/one.csv', '/in/two.csv'));
    expect(await textAt(pond, '/d/files.csv')).toBe('filename,n\n/in/two.csv,1\n');
  });

  it('reaches nothing outside of the pond, and names what it misses', async () => {
    const pond = await newPond();
    await derive(pond, {
      '/d/passwd.csv': ['sql-derived', `sql: SELECT * FROM read_csv('/etc/passwd')`],
      '/d/env.csv': ['sql-derived', `sql: SELECT getenv('HOME') AS home`],
      '/d/gone.csv': ['sql-derived', `sql: SELECT * FROM '/in/gone.csv'`],
      '/d/two.csv': ['sql-derived', 'sql: SELECT 1; SELECT 2'],
      '/d/odd.csv': ['sql-derived', 'sql: SELECT 1\nformat: json'],
    });
    await expect(textAt(pond, '/d/passwd.csv')).rejects.toThrow(/not permitted|nothing at that path/);
    await expect(textAt(pond, '/d/env.csv')).rejects.toThrow('getenv');
    await expect(textAt(pond, '/d/gone.csv')).rejects.toThrow('/in/gone.csv: there is n');
    await expect(textAt(pond, '/d/two.csv')).rejects.toThrow('a query is one');
    await expect(textAt(pond, '/d/odd.csv')).rejects.toThrow('its name ends in another format than json');
  });
});

describe('dynamic-dir', () => {
  it('makes entries by other factories, which may use each other and are listed and matched', async () => {
    const pond = await newPond();
    await csv(pond, '/in/a.csv', 'x\n1\n2\n');
    await derive(pond, {
      '/d': [
        'dynamic-dir',
        `entries:
  - { name: double.csv, factory: sql-derived, config: { sql: "SELECT x * 2 AS x FROM '/in/a.csv'" } }
  - { name: sum.csv, factory: sql-derived, config: { sql: "SELECT sum(x) AS s FROM '/d/double.csv'" } }
  - name: deeper
    factory: dynamic-dir
    config: { entries: [ { name: hello.txt, factory: test-file, config: { content: hello } } ] }
`,
        'directory',
      ],
    });
    expect(await textAt(pond, '/d/sum.csv')).toBe('s\n6\n');
    expect(await textAt(pond, '/d/deeper/hello.txt')).toBe('hello');
    const matches = await pond.read(({ fs }) => fs.collectMatches('/d/**'));
    expect(matches.entries.map(({ path }) => path)).toEqual([
      '/d/deeper',
      '/d/deeper/hello.txt',
      '/d/double.csv',
      '/d/sum.csv',
    ]);
  });

  it('is checked with all that is in it: a wrong key is said with its place', async () => {
    const pond = await newPond();
    const factories = await pond.factories();
    const check = (config: string) =>
      JSON.stringify(factories.checkBytes('dynamic-dir', '/d', Buffer.from(config)));
    const entry = (factory: string, config: string) =>
      `entries: [ { name: a, factory: ${factory}, config: ${config} } ]`;
    expect(check(entry('sql-derived', '{ sql: SELECT 1 }'))).toContain('Right');
    expect(check(entry('sql-derived', '{ sq: SELECT 1 }'))).toContain('entries[0].config.sq');
    expect(check(entry('sql-derive', '{}'))).toContain('unknown factory');
    expect(check(entry('host-export', '{}'))).toContain('makes neither a file nor a directory');
    // What a factory says of a configuration that is stored, at any depth.
    const join = '{ time_column: time, inputs: [] }';
    expect(check(entry('timeseries-join', join))).toContain('entries[0].config.inputs');
    expect(check(entry('dynamic-dir', `{ ${entry('timeseries-join', join)} }`))).toContain(
      'entries[0].config.entries[0].config.inputs',
    );
    const twice =
      '{ entries: [ { name: b, factory: test-file, config: {} }, { name: b, factory: test-file, config: {} } ] }';
    expect(check(entry('dynamic-dir', twice))).toContain('entries[0].config.entries[1].name');
    expect(check('entries: [ { name: a/b, factory: test-file, config: {} } ]')).toContain('a name without /');
  });

  it('may not use itself over others', async () => {
    const pond = await newPond();
    await derive(pond, {
      '/d': [
        'dynamic-dir',
        `entries:
  - { name: a.csv, factory: sql-derived, config: { sql: "FROM '/d/b.csv'" } }
  - { name: b.csv, factory: sql-derived, config: { sql: "FROM '/d/a.csv'" } }
`,
        'directory',
      ],
    });
    await expect(textAt(pond, '/d/a.csv')).rejects.toThrow('/d/a.csv -> /d/b.csv -> /d/a.csv');
  });
});

const append = (pond: Pond, path: string, rows: Parameters<typeof readings>[0]) =>
  pond.write(async ({ fs }) => {
    await fs.mkdirAll('/sensors');
    return fs.appendToSeries(path, await readings(rows));
  });

describe('timeseries-pivot', () => {
  it('has a column for each value, and refuses to choose among several', async () => {
    const pond = await newPond();
    const time = '2026-11-20T10:00:00Z';
    await append(pond, '/sensors/all', [
      { time, sensor: 'north', value: 1 },
      { time, sensor: 'south', value: 2 },
      { time: '2026-11-20T11:00:00Z', sensor: 'north', value: 3 },
    ]);
    const config = 'source: /sensors/all\ntime_column: time\ncolumn: sensor\nvalue: value\n';
    await derive(pond, {
      '/d/wide.parquet': ['timeseries-pivot', config],
      '/d/mean.parquet': ['timeseries-pivot', `${config}aggregate: avg`],
      '/d/other.parquet': ['timeseries-pivot', config.replace('column: sensor', 'column: station')],
      '/d/text.parquet': [
        'timeseries-pivot',
        `${config.replace('value: value', 'value: sensor')}aggregate: avg`,
      ],
      '/d/reduced': [
        'temporal-reduce',
        'source: /sensors/all\ntime_column: time\nevery: [1h]\naggregates: { sensor: [count, avg] }\n',
        'directory',
      ],
    });
    await expect(bytesAt(pond, '/d/other.parquet')).rejects.toThrow(
      /: \/sensors\/all: there is no column station; its columns are /,
    );
    for (const text of ['/d/text.parquet', '/d/reduced/1h.parquet'])
      await expect(bytesAt(pond, text)).rejects.toThrow(
        /: \/sensors\/all: the column sensor is text, which cannot be added up; .* TRY_CAST/,
      );
    expect(await rowsOf(await bytesAt(pond, '/d/wide.parquet'))).toMatchObject([
      { north: 1, south: 2 },
      { north: 3, south: null },
    ]);
    await append(pond, '/sensors/all', [{ time, sensor: 'south', value: 4 }]);
    await expect(bytesAt(pond, '/d/wide.parquet')).rejects.toThrow('aggregate: avg, min, max or sum');
    expect(await rowsOf(await bytesAt(pond, '/d/mean.parquet'))).toMatchObject([{ south: 3 }, { north: 3 }]);
  });
});

describe('timeseries-join', () => {
  it('joins by time, puts pieces of one scope together and keeps to their ranges', async () => {
    const pond = await newPond();
    const at = (hour: number) => `2026-11-20T${String(hour).padStart(2, '0')}:00:00Z`;
    await append(pond, '/sensors/old', [
      { time: at(1), value: 1 },
      { time: at(2), value: 99 },
    ]);
    await append(pond, '/sensors/new', [{ time: at(2), value: 2 }]);
    await append(pond, '/sensors/south', [
      { time: at(2), value: 20 },
      { time: at(3), value: 30 },
    ]);
    const config = (range: string) => `time_column: time
inputs:
  - { source: /sensors/old, scope: north${range} }
  - { source: /sensors/new, scope: north }
  - { source: /sensors/south, scope: south }
`;
    await derive(pond, {
      '/d/both.parquet': ['timeseries-join', config(', range: { to: "2026-11-20T02:00:00Z" }')],
      '/d/wrong.parquet': ['timeseries-join', config('')],
    });
    expect(await rowsOf(await bytesAt(pond, '/d/both.parquet'))).toMatchObject([
      { north_value: 1, south_value: null },
      { north_value: 2, south_value: 20 },
      { north_value: null, south_value: 30 },
    ]);
    await expect(bytesAt(pond, '/d/wrong.parquet')).rejects.toThrow('give each input a range');
  });
});

describe('temporal-reduce', () => {
  it('has a file for each width, with late rows in their buckets', async () => {
    const pond = await newPond();
    await append(pond, '/sensors/north', [
      { time: '2026-11-20T10:10:00Z', value: 1 },
      { time: '2026-11-20T10:50:00Z', value: 3 },
    ]);
    await derive(pond, {
      '/d/north': [
        'temporal-reduce',
        'source: /sensors/north\ntime_column: time\nevery: [1h, 1d]\naggregates: { value: [avg, min, max, count, first, last] }',
        'directory',
      ],
    });
    const hours = async () => rowsOf(await bytesAt(pond, '/d/north/1h.parquet'));
    expect(await hours()).toMatchObject([
      { value_avg: 2, value_min: 1, value_max: 3, value_count: '2', value_first: 1, value_last: 3 },
    ]);
    await append(pond, '/sensors/north', [{ time: '2026-11-20T10:30:00Z', value: 8 }]);
    await append(pond, '/sensors/north', [{ time: '2026-11-19T23:30:00Z', value: 5 }]);
    expect(await hours()).toMatchObject([{ value_avg: 5 }, { value_avg: 4, value_count: '3' }]);
    expect(await rowsOf(await bytesAt(pond, '/d/north/1d.parquet'))).toMatchObject([
      { value_avg: 5 },
      { value_avg: 4 },
    ]);
  });

  it('has days that begin at midnight in a zone, of 23 and of 25 hours where its clocks change', async () => {
    const pond = await newPond();
    const hours = (from: string, count: number) =>
      Array.from({ length: count }, (_, hour) => ({
        time: new Date(Date.parse(from) + hour * 3_600_000).toISOString(),
        value: 1,
      }));
    await append(pond, '/sensors/north', hours('2026-03-28T12:00:00Z', 48));
    await append(pond, '/sensors/north', hours('2026-10-24T12:00:00Z', 48));
    const config = (more: string) =>
      `source: /sensors/north\ntime_column: time\nevery: [1d, 12h]\n${more}\naggregates: { value: count }`;
    await derive(pond, {
      '/d/vienna': ['temporal-reduce', config('timezone: Europe/Vienna'), 'directory'],
      '/d/utc': ['temporal-reduce', config(''), 'directory'],
    });
    const daysOf = async (path: string) =>
      (await rowsOf(await bytesAt(pond, path))).map((row) => Object.values(row).map(String));
    expect(await daysOf('/d/vienna/1d.parquet')).toEqual([
      ['2026-03-27 23:00:00+00', '11'],
      ['2026-03-28 23:00:00+00', '23'],
      ['2026-03-29 22:00:00+00', '14'],
      ['2026-10-23 22:00:00+00', '10'],
      ['2026-10-24 22:00:00+00', '25'],
      ['2026-10-25 23:00:00+00', '13'],
    ]);
    expect(await daysOf('/d/vienna/12h.parquet')).toEqual(await daysOf('/d/utc/12h.parquet'));
    expect(await daysOf('/d/utc/1d.parquet')).toHaveLength(6);
    // One hour more, before midnight in Vienna and after it: of the result before only their days are computed again.
    await append(pond, '/sensors/north', hours('2026-10-25T22:30:00Z', 2));
    expect((await daysOf('/d/vienna/1d.parquet')).slice(-2)).toEqual([
      ['2026-10-24 22:00:00+00', '26'],
      ['2026-10-25 23:00:00+00', '14'],
    ]);
  });

  it('has no days of a zone where times are in none', async () => {
    const pond = await newPond();
    const config = `source: /d/naive.parquet\ntime_column: time\nevery: 1d\ntimezone: Europe/Vienna\naggregates: { value: avg }`;
    await derive(pond, {
      '/d/naive.parquet': ['sql-derived', "sql: SELECT TIMESTAMP '2026-03-29 10:00' AS time, 1 AS value"],
      '/d/days': ['temporal-reduce', config, 'directory'],
    });
    await expect(bytesAt(pond, '/d/days/1d.parquet')).rejects.toThrow('its times are in no zone');
  });
});
