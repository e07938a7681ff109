import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetMetadata } from 'hyparquet';
import { expect, it, onTestFinished } from 'vitest';
import { runPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

const HOUR = 60 * 60 * 1000;

/** Rows of a day around which clocks change in Europe and, on another day, in America. */
const DAY = (begin: string, zone: string, count = 24): string =>
  `time,wall,v\n${Array.from({ length: count }, (_, hour) => {
    const time = new Date(Date.parse(begin) + hour * HOUR).toISOString();
    return `${zone === 'Z' ? time : `${time.slice(0, -1)}${zone}`},2026-03-29 02:30:00,${hour}\n`;
  }).join('')}`;

it('times are the same wherever a command runs: in SQL, by patterns, in derived nodes and in files that go out', async () => {
  // In processes of their own, which have a zone from their beginning.
  const pond = await tempPond(runPond);
  onTestFinished(() => pond.remove());
  const written = (name: string, content: string): string => {
    writeFileSync(join(pond.host, name), content);
    return `host://${join(pond.host, name)}`;
  };
  const spring = written('spring.csv', DAY('2026-03-28T12:00:00Z', 'Z'));
  const autumn = written('autumn.csv', DAY('2026-11-01T00:00:00Z', '+05:30'));
  const seen = new Map<string, readonly string[]>();
  for (const TZ of ['UTC', 'America/New_York', 'Asia/Kolkata']) {
    const run = async (...args: string[]) => (await pond.run(args, { env: { TZ } })).stdout;
    const folder = `/${TZ.replace('/', '-')}`;
    const series = `${folder}/s`;
    await run('copy', '--as', 'series', spring, autumn, series);
    await run('copy', spring, `${folder}/spring.csv`);
    const reduce = `{ source: ${series}, time_column: time, every: [1d], aggregates: { v: [count, sum] } }`;
    await run('mknod', 'temporal-reduce', `${folder}/r`, '--config', reduce);
    const out = join(pond.host, 'out.parquet');
    await run('copy', series, `host://${out}`);
    seen.set(TZ, [
      await run('cat', '--format', 'csv', series),
      await run('cat', '--format', 'csv', `${folder}/r/1d.parquet`),
      await run(
        'sql',
        '--format',
        'csv',
        `SELECT date_trunc('day', time) AS d, min(time::VARCHAR) AS t FROM '${series}' GROUP BY 1 ORDER BY 1`,
      ),
      await run('sql', '--format', 'csv', `SELECT time, wall FROM read_csv('${folder}/*.csv') ORDER BY v`),
      readFileSync(out).toString('hex'),
    ]);
  }
  const [utc, ...others] = [...seen.values()];
  expect(utc?.[0]).toContain('2026-03-29 02:00:00+00,2026-03-29 02:30:00,14\n');
  expect(utc?.[1]).toContain('2026-03-28 00:00:00+00,12,');
  for (const other of others) expect(other).toEqual(utc);
});

it('as many rows go out as came in, whatever they were compressed by and written in', async () => {
  const pond = await tempPond(callPond);
  onTestFinished(() => pond.remove());
  const text = DAY('2026-01-01T00:00:00Z', 'Z', 3_000)
    .replaceAll('\n', ',Zürich\n')
    .replace(',Zürich', ',town');
  const latin = Buffer.from(text, 'latin1');
  const files: Readonly<Record<string, readonly [content: Uint8Array, ...options: readonly string[]]>> = {
    'a.csv': [Buffer.from(text)],
    'b.csv.gz': [gzipSync(text)],
    'c.csv.br': [brotliCompressSync(text)],
    'd.csv': [latin, '--csv-encoding', 'latin-1'],
    'e.csv.gz': [gzipSync(latin), '--csv-encoding', 'windows-1252'],
  };
  const rowsIn = (file: string): number => {
    const { buffer, byteOffset, length } = readFileSync(file);
    return Number(parquetMetadata(buffer.slice(byteOffset, byteOffset + length)).num_rows);
  };
  const out = join(pond.host, 'out.parquet');
  let versions = 0;
  for (const [name, [content, ...options]] of Object.entries(files)) {
    writeFileSync(join(pond.host, name), content);
    const file = `host://${join(pond.host, name)}`;
    await pond.run(['copy', '--as', 'table', ...options, file, `/t/${name}`]);
    await pond.run(['copy', '--as', 'series', '--always', ...options, file, '/s/all']);
    versions += 1;
    await pond.run(['copy', '--format', 'parquet', `/t/${name}`, `host://${out}`]);
    expect([name, rowsIn(out)]).toEqual([name, 3_000]);
    await pond.run(['copy', '--format', 'parquet', '/s/all', `host://${out}`]);
    expect([name, rowsIn(out)]).toEqual([name, versions * 3_000]);
  }
  const towns = await pond.run(['sql', '--format', 'csv', "SELECT DISTINCT town FROM '/s/all'"]);
  expect(towns.stdout).toBe('town\nZürich\n');
});
