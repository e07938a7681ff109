import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readings } from '../../factories/derived/parquet.js';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run(['copy', '-', '/weather/2012.csv'], {
    input: 'date,temp_max\n2012-01-01,20\n2012-07-01,30\n',
  });
  await pond.run(['mkdir', '-p', '/derived']);
  await pond.run(['mknod', 'sql-derived', '/derived/warm.csv', '--example']);
});
afterAll(() => pond.remove());

const WARM = 'date,temp_max\n2012-07-01,30\n';
const config = (sql: string) => JSON.stringify({ sql });
const cached = () => join(pond.pond, 'control/derived');

describe('derived nodes on the command line', () => {
  it('are listed, read, queried, matched and validated like files, at any commit', async () => {
    await pond.run([
      'mknod',
      'sql-derived',
      '/derived/w.csv',
      '--config',
      config("FROM '/weather/2012.csv' WHERE temp_max > 25"),
    ]);
    expect((await pond.run(['cat', '/derived/w.csv'])).stdout).toBe(WARM);
    expect((await pond.run(['list', '/derived/*'])).stdout).toContain('/derived/w.csv');
    const counted = await pond.run(['sql', '--json', "SELECT count(*) AS n FROM '/derived/w.csv'"]);
    expect(JSON.parse(counted.stdout)).toEqual([{ n: 1 }]);
    const before = JSON.parse((await pond.run(['log', '--json'])).stdout);
    await pond.run(['copy', '-', '/weather/2012.csv'], { input: 'date,temp_max\n2012-01-01,20\n' });
    expect((await pond.run(['cat', '/derived/w.csv'])).stdout).toBe('date,temp_max\n');
    const at = String(
      Math.max(
        ...(JSON.stringify(before)
          .match(/"txn_seq":(\d+)/g)
          ?.map((each) => Number(each.slice(10))) ?? []),
      ),
    );
    expect((await pond.run(['cat', '/derived/w.csv', '--at', at])).stdout).toBe(WARM);
    const rules = join(pond.host, 'rules.yaml');
    writeFileSync(rules, 'columns: [ { name: temp_max, type: number, max: 25 } ]\n');
    expect((await pond.run(['validate', '/derived/w.csv', '--rules', rules])).code).toBe(0);
  });

  it('refuse a configuration with an unknown key, and with something that is not a width', async () => {
    const bad = await pond.run(['mknod', 'sql-derived', '/derived/x.csv', '--config', '{ sq: x }'], {
      expect: 4,
    });
    expect(bad.stderr).toContain('sq: unknown key; known keys are sql, format');
    const reduce = '{ source: /s, time_column: t, every: [1w], aggregates: { v: [mean] } }';
    const wide = await pond.run(['mknod', 'temporal-reduce', '/derived/r', '--config', reduce], {
      expect: 4,
    });
    expect(wide.stderr).toContain('every[0]: expected a width of buckets such as 15m, 1h or 1d, got "1w"');
    expect(wide.stderr).toMatch(/aggregates\.v\[0\]: expected one of avg, min, max, .*got "mean"/);
    const zone = (every: string, timezone: string) =>
      `{ source: /s, time_column: t, every: ${every}, timezone: ${timezone}, aggregates: { v: avg } }`;
    for (const [config, words] of [
      [zone('1h', 'Europe/Vienna'), 'timezone: it says where days begin, and no width is one of days'],
      [zone('1d', 'Europe/Wien'), 'timezone: expected the name of a time zone such as Europe/Vienna'],
    ] as const) {
      const { stderr } = await pond.run(['mknod', 'temporal-reduce', '/derived/r', '--config', config], {
        expect: 4,
      });
      expect(stderr).toContain(words);
    }
  });

  it('are the same whatever is done to what is kept of them', async () => {
    writeFileSync(join(pond.host, 'r.parquet'), await readings([{ time: '2026-11-20T10:10:00Z', value: 1 }]));
    await pond.run(['copy', `host+series://${join(pond.host, 'r.parquet')}`, '/sensors/north']);
    const reduce = '{ source: /sensors/north, time_column: time, every: 1h, aggregates: { value: avg } }';
    await pond.run(['mknod', 'temporal-reduce', '/derived/north', '--config', reduce]);
    const hours = async () => (await pond.run(['sql', '--json', "FROM '/derived/north/1h.parquet'"])).stdout;
    const right = await hours();
    expect(JSON.parse(right)).toMatchObject([{ value_avg: 1 }]);
    const kept = readdirSync(cached());
    expect(kept.length).toBeGreaterThan(1);
    for (const name of kept) {
      const file = join(cached(), name);
      // As a power failure can leave it.
      writeFileSync(file, readFileSync(file).subarray(0, 3));
    }
    expect(await hours()).toBe(right);
    mkdirSync(join(cached(), 'a directory'));
    writeFileSync(join(cached(), 'unfinished-00000000-0000-7000-8000-000000000000'), 'half');
    expect(await hours()).toBe(right);
    // It is nobody's result; the results are not asked about.
    const checked = await pond.run(['fsck'], { expect: 1 });
    expect(checked.stdout.match(/^error: .*/gm)).toEqual([
      'error: control/derived/a directory is a directory, where a file of the pond belongs',
    ]);
  });
});
