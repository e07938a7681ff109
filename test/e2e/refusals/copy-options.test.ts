import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
});
afterAll(() => pond.remove());

const hostFile = (name: string, content: string): string => {
  const path = join(pond.host, name);
  writeFileSync(path, content);
  return `host://${path}`;
};

const DAY = 'time,v\n2026-01-01T00:00:00Z,1\n';

/** What is said on standard error, without the directory of the host's files. */
const said = async (code: number, ...args: readonly string[]): Promise<string> =>
  (await pond.run(['copy', ...args], { expect: code })).stderr.replaceAll(`${pond.host}/`, '');

describe('what is said of a series', () => {
  it.each([
    [['--once']],
    [['--unique', 'time']],
    [['--time-column', 'v']],
    [['--timezone', 'UTC']],
    [['--schema', 'strict']],
  ])('%j is refused where none is written, and nothing is', async (options) => {
    const day = hostFile('day.csv', DAY);
    const words = options[0] === '--once' ? '--once is for series' : 'what is said of a series is for series';
    expect(await said(2, ...options, day, '/in/day.csv')).toContain(words);
    expect(await said(2, ...options, '--as', 'table', day, '/in/day')).toContain(words);
    expect(await said(2, ...options, '-r', `host://${pond.host}`, '/in')).toContain(words);
    expect((await pond.run(['list', '/in/**'])).stdout).toBe('');
  });

  it('is taken where one of several sources is a series', async () => {
    const day = hostFile('day.csv', DAY);
    await pond.run(['copy', '--as', 'series', day, '/s/day']);
    await pond.run(['copy', '/s/day', `host://${join(pond.host, 'day.parquet')}`]);
    await pond.run(['copy', '--once', `host+series://${join(pond.host, 'day.parquet')}`, day, '/both/']);
  });

  it('is refused by the name of a time column that is not there, with those that are', async () => {
    expect(
      await said(4, '--as', 'series', '--time-column', 'tiem', hostFile('a.csv', DAY), '/s/tiem'),
    ).toContain(
      'the column "tiem", which has the event times of this series, is not in what was to be appended, whose columns are time, v\n',
    );
  });
});

describe('what is said of CSV', () => {
  it('is refused on the way out', async () => {
    await pond.run(['copy', hostFile('out.csv', DAY), '/in/']);
    expect(
      await said(2, '--csv-null', 'NA', '/in/out.csv', `host://${join(pond.host, 'other.csv')}`),
    ).toContain('what is said of CSV files is for copying in');
  });

  it('is warned of where no file and no series has a column whose type it says', async () => {
    const [day, other] = [hostFile('day.csv', DAY), hostFile('other.csv', DAY.replace('v', 'w'))];
    const types = (said: string) => ['--csv-types', said, '--as', 'series'];
    expect(await said(0, ...types('tiem=TIMESTAMPTZ,V=DOUBLE'), day, '/s/types')).toBe(
      'pond: warning: --csv-types: no column is called tiem; the columns are time, v\n',
    );
    expect(await said(0, ...types('w=DOUBLE'), day, other, '/s/')).toBe('');
    expect(await said(0, ...types('v=DOUBLE'), other, '/s/types')).toBe('');
    expect(await said(1, ...types('v=DUOBLE'), day, '/s/types')).toMatch(
      /day\.csv: there is no type DUOBLE\n {2}try: name another one: VARCHAR, .*DOUBLE/,
    );
  });
});

describe('of several files', () => {
  it('the one is named that does not fit its series, and of one alone the path in the pond is enough', async () => {
    const [day, warm, late] = [
      hostFile('day.csv', DAY),
      hostFile('warm.csv', DAY.replace(',1', ',warm')),
      hostFile('late.csv', DAY.replace('01-01', '01-02')),
    ];
    const series = ['--as', 'series'];
    const problem =
      'the column "v" is BIGINT in this series and VARCHAR in what was to be appended: line 2 has "warm"';
    expect(await said(4, ...series, day, warm, late, '/s/fit')).toContain(
      `pond: /s/fit (warm.csv): ${problem}`,
    );
    await pond.run(['copy', ...series, day, '/s/fit']);
    expect(await said(4, ...series, warm, '/s/fit')).toContain(`pond: /s/fit: ${problem}`);
    const untimed = hostFile('untimed.csv', 'a,b\n1,x\n');
    expect(await said(1, ...series, day, untimed, '/s/')).toContain(
      'pond: /s/untimed.parquet (untimed.csv) cannot be taken as Parquet: none of its columns holds times (a, b)',
    );
  });

  it('those are named that a series has as versions already, and they alone are left out', async () => {
    const [first, second, third] = ['01', '02', '03'].map((day) =>
      hostFile(`${day}.csv`, DAY.replace('01T', `${day}T`)),
    );
    const once = ['--once', '--as', 'series'];
    await pond.run(['copy', ...once, String(first), String(third), '/s/once']);
    expect(await said(0, ...once, String(first), String(second), String(third), '/s/once')).toBe(
      ['01', '03']
        .map((day) => `pond: /s/once is unchanged: ${day}.csv is one of its versions already\n`)
        .join(''),
    );
    expect((await pond.run(['versions', '/s/once'])).stdout.trim().split('\n')).toHaveLength(3);
  });

  it('one that becomes a table beside a series may have rows that are not objects', async () => {
    await pond.run(['copy', '--as', 'series', hostFile('beside.csv', DAY), '/s/beside']);
    const parquet = `host://${join(pond.host, 'beside.parquet')}`;
    await pond.run(['copy', '/s/beside', parquet]);
    const numbers = hostFile('numbers.json', '[1, 2, 3]\n');
    expect(await said(0, '--as', 'table', parquet.replace('host', 'host+series'), numbers, '/beside/')).toBe(
      '',
    );
  });

  it('none is called unchanged that says something new of its series, although that has it as a version', async () => {
    const day = hostFile('said.csv', DAY);
    const once = ['--once', '--as', 'series'];
    const unchanged = 'pond: /s/said is unchanged: said.csv is one of its versions already\n';
    await pond.run(['copy', ...once, day, '/s/said']);
    expect(await said(0, ...once, '--unique', 'time', day, '/s/said')).toBe('');
    expect((await pond.run(['series', '/s/said', '--json'])).stdout).toContain('"time"');
    expect(await said(0, ...once, '--unique', 'time', day, '/s/said')).toBe(unchanged);
    expect((await pond.run(['versions', '/s/said'])).stdout.trim().split('\n')).toHaveLength(1);
  });
});

it('a series whose first file has names and no rows is told the types to say by these names', async () => {
  const file = hostFile('header.csv', 'sensor,day time,v\n');
  const words = await said(1, '--as', 'series', file, '/s/header');
  const types = /--csv-types '([^']+)'/.exec(words)?.[1] ?? '';
  expect(types).toBe('sensor=DOUBLE,day time=TIMESTAMP,v=DOUBLE');
  expect(await said(0, '--as', 'series', '--csv-types', types, file, '/s/header')).toBe('');
});
