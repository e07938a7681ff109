import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
});
afterAll(() => pond.remove());

const append = (name: string, content: string, expected = 0, ...options: readonly string[]) => {
  writeFileSync(join(pond.host, name), content);
  return pond.run(['copy', '--as', 'series', ...options, `host://${join(pond.host, name)}`, '/s/pier'], {
    expect: expected,
  });
};

const NAMES = 'time,station,value\n';
const at = (day: number, rest: string) => `2026-01-${String(day).padStart(2, '0')}T00:00:00Z,${rest}\n`;

/** Files that a series takes, and the rows that they become. */
const TAKEN: Readonly<Record<string, readonly [content: string, rows: readonly string[]]>> = {
  'whole numbers that become fractions': [`${NAMES}${at(2, 'a,1.5')}`, ['2026-01-02,a,1.5']],
  'a mark of byte order before names in quotes': [
    `\u{feff}"time","station","value"\n${at(3, 'a,3')}`,
    ['2026-01-03,a,3'],
  ],
  'lines that end as on Windows': [`${NAMES}${at(4, 'a,4')}`.replaceAll('\n', '\r\n'), ['2026-01-04,a,4']],
  'lines that end as on old Macs': [`${NAMES}${at(5, 'a,5')}`.replaceAll('\n', '\r'), ['2026-01-05,a,5']],
  'line ends in quotes': [`${NAMES}${at(6, '"a\r\nb",6')}`, ['2026-01-06,a\r\nb,6']],
  'columns in another order, and in other letters': [
    'VALUE,Time,station\n7,2026-01-07T00:00:00Z,a\n',
    ['2026-01-07,a,7'],
  ],
  'another delimiter': [`${NAMES}${at(8, 'a,8')}`.replaceAll(',', ';'), ['2026-01-08,a,8']],
  'empty lines': [`${NAMES}\n${at(9, 'a,9')}\n\n`, ['2026-01-09,a,9']],
  'rows with a delimiter behind them': [`${NAMES}${at(10, 'a,10,')}`, ['2026-01-10,a,10']],
};

/** Files that it refuses, with exit code and words. */
const REFUSED: Readonly<Record<string, readonly [content: string, code: number, words: RegExp]>> = {
  'a unit below the names': [`${NAMES}UTC,-,mg/l\n${at(20, 'a,1')}`, 4, /holds no times: line 2 has "UTC"/],
  'units in the names': [`time (UTC),station,value\n${at(20, 'a,1')}`, 4, /"time", .* is not in what/],
  'the names again in the middle': [
    `${NAMES}${at(20, 'a,1')}${NAMES}${at(21, 'a,1')}`,
    1,
    /line 3: a row has the names of the columns once more/,
  ],
  'a sum at the end': [`${NAMES}${at(20, '"a\nb",1')}Total,,1\n`, 4, /holds no times: line 4 has "Total"/],
  'text in the place of numbers': [
    `${NAMES}${at(20, 'a,1')}${at(21, 'a,high')}`,
    4,
    /"value" is DOUBLE .*: line 3 has "high"/,
  ],
  'separators of thousands': [`${NAMES}${at(20, 'a,"1,500.5"')}`, 4, /: line 2 has "1,500.5"/],
  'a word for no value': [`${NAMES}${at(20, 'a,NA')}`, 4, /line 2 has "NA"\n.*--csv-null NA/],
  'names with spaces around them': [
    'time, station, value\n2026-01-20T00:00:00Z, a, 1\n',
    4,
    /" station" is new, and differs from "station" of this series by spaces only/,
  ],
  'lines that do not end alike': [
    `time,station,value\r\n${at(20, '"a\nb",1').trim()}\r\n${at(21, 'a,1')}`,
    1,
    /line 4: its lines do not end alike: line 4 with LF, those before with CRLF\n.*sed/,
  ],
  'a file that was cut off': [`${NAMES}${at(20, 'a,1')}2026-01-21T00:00:00Z,a`, 1, /line 3: Expected Number/],
  'a quote that is not closed': [`${NAMES}${at(20, '"a,1')}`, 1, /line 2: .*unterminated quote/],
  'a name twice': [`time,station,value,value\n${at(20, 'a,1,1')}`, 1, /line 1: .*value twice/],
  'a delimiter behind the names': [`time,station,value,\n${at(20, 'a,1,')}`, 1, /no name for column 4/],
  'times without a zone': [`${NAMES}2026-01-20 00:00:00,a,1\n`, 4, /--timezone/],
};

it('files that say the same in another form are taken, and others are refused with the line and what to do', async () => {
  await append('first.csv', `${NAMES}${at(1, 'a,1')}`);
  const rows = ['2026-01-01,a,1'];
  for (const [what, [content, added]] of Object.entries(TAKEN)) {
    const { stderr } = await append(`${what}.csv`, content);
    expect([what, stderr]).toEqual([what, '']);
    rows.push(...added);
  }
  for (const [what, [content, code, words]] of Object.entries(REFUSED)) {
    const { stderr } = await append(`${what}.csv`, content, code);
    expect([what, stderr]).toEqual([what, expect.stringMatching(words)]);
    expect([what, stderr]).toEqual([what, expect.stringContaining('\n  try: ')]);
  }
  const { stdout } = await pond.run([
    'sql',
    '--json',
    "SELECT time::DATE || ',' || station || ',' || value AS r FROM '/s/pier' ORDER BY time",
  ]);
  const found = JSON.parse(stdout) as readonly { readonly r: string }[];
  expect(found.map(({ r }) => r.replace(/\.0$/, ''))).toEqual(rows);
  // What is said of a value is said to programs, too.
  const json = await append('again.csv', `${NAMES}${at(20, 'a,high')}`, 4, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    error: { column: 'value', value: { text: 'high', line: 2 } },
  });
});

it('the first file of a series is refused with the value that keeps a column from being its times', async () => {
  const many = Array.from({ length: 3000 }, (_, row) => `2026-01-01T00:00:00.${row}Z,a,${row}\n`).join('');
  for (const [value, line, before] of [
    ['2026-02-30T00:00:00Z', 3, at(1, 'a,1')],
    ['24.12.2026 10:00', 3002, many],
    ['2026-01-02 00:00:00', 3, at(1, 'a,1')],
  ] as const) {
    const content = `${NAMES}${before}${value},a,2\n${at(3, 'a,3')}`;
    const file = `first-${line}.csv`;
    writeFileSync(join(pond.host, file), content);
    const { stderr } = await pond.run(
      ['copy', '--as', 'series', `host://${join(pond.host, file)}`, '/s/new'],
      { expect: 1 },
    );
    expect(stderr).toContain(
      `time does but for some values: line ${line} has "${value}"\n  try: put time right`,
    );
  }
});

it('lines of a file in the pond that do not end alike are told by a query, with the path', async () => {
  writeFileSync(join(pond.host, 'mixed.csv'), 'a,b\n1,2\r\n');
  await pond.run(['copy', `host://${join(pond.host, 'mixed.csv')}`, '/in/mixed.csv']);
  const { stderr } = await pond.run(['sql', "FROM '/in/mixed.csv'"], { expect: 1 });
  expect(stderr).toMatch(
    /\/in\/mixed\.csv: its lines do not end alike: line 2 with CRLF, those before with LF\n/,
  );
});
