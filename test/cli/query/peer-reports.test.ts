import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ask } from './querying.js';

/*
 * Public reports about other readers of CSV, translated. Each names the project and the number of the report; what was asked for there
 * is what holds here.
 */

it.each([
  [
    'duckdb 22750: long ids are not rounded',
    'value,name\n12345678901234567890,abc\n99999999999999999999,abc\n',
    'SELECT value FROM source',
    [['12345678901234567890'], ['99999999999999999999']],
  ],
  [
    'duckdb 15473: one 1 among days of 2024/12/12 makes text of them and loses none',
    'name,Date,height\nbob,2024/12/12,163\n1,1,1\n',
    'SELECT Date, height FROM source',
    [
      ['2024/12/12', 163],
      ['1', 1],
    ],
  ],
  [
    'pandas 14301: 10/9/2016 is not October because it came before 30/9/2016',
    'EuroDate\n10/9/2016\n30/9/2016\n',
    'FROM source',
    [['10/9/2016'], ['30/9/2016']],
  ],
  [
    'pandas 54665: zeros in front are not trimmed',
    'id,leading0_col\n1,0042\n2,42\n',
    'SELECT count(DISTINCT leading0_col)::INT FROM source',
    [[2]],
  ],
  [
    'polars 12692: whole numbers before a fraction are numbers like it',
    'a b\n1 1\n2 2\n3 2.1\n'.replaceAll(' ', ','),
    'SELECT sum(b) FROM source',
    [[5.1]],
  ],
  [
    'polars 12473: a number of 98 digits is kept',
    `Id,Num\n1,${'1'.repeat(98)}\n`,
    'SELECT Num FROM source',
    [['1'.repeat(98)]],
  ],

  [
    'readr 291: eight digits that begin with a zero are neither a day nor a number',
    'Value1,Value2\n04789455,032654\n',
    'FROM source',
    [['04789455', '032654']],
  ],
  [
    'data.table 4869: zeros in front of ids keep no day beside them from being one',
    'date,id\n2020-01-05,00001\n2020-01-10,00003\n',
    'SELECT typeof(date), id FROM source',
    [
      ['DATE', '00001'],
      ['DATE', '00003'],
    ],
  ],
  [
    'duckdb 22802: a number with a plus sign is text, spaces around one are nothing',
    'x,y\n+3, -3 \n',
    'SELECT x, y FROM source',
    [['+3', -3]],
  ],
])('%s', async (_, csv, sql, rows) => {
  expect(await ask('csv', [csv], sql)).toMatchObject({ right: { rows } });
});

it('duckdb 25824 and 15376, polars 1831: what comes after the rows that were looked at is never rounded or cut, and names its line', async () => {
  const first = `1,2026-01-01,"123",7,${'x'.repeat(900)}\n`;
  const csv = `a,day,"patent id",n,text\n${first.repeat(21_000)}1.5,2026-01-01 23:59:00,"D1000263",NA,\n`;
  for (const [column, value, type] of [
    ['a', '1.5', 'BIGINT'],
    ['day', '2026-01-01 23:59:00', 'DATE'],
    ['patent id', 'D1000263', 'BIGINT'],
    ['n', 'NA', 'BIGINT'],
  ] as const)
    expect(
      await ask('csv', [csv], `SELECT max("${column}") FROM source`, { path: '/in/l.csv' }),
    ).toMatchObject({
      left: {
        message: `/in/l.csv: "${value}" in the column ${column} (line 21002) is not a ${type}, as the values in the first rows are`,
        remedy: expect.stringContaining(`types = {'${column}': 'VARCHAR'}`),
      },
    });
});

it('polars 22296: a file that is not UTF-8 is told as that, with the line and how to read it, not as a sequence of bytes', async () => {
  const file = join(temporaryFolder('pond-latin-'), 'invoices.csv');
  writeFileSync(file, Buffer.from('No,Description\n1,HEART\n2,Caf\u00e9 \u00a3\n', 'latin1'));
  expect(await ask('csv', [{ file }], 'FROM source', { path: '/in/invoices.csv' })).toMatchObject({
    left: {
      message: '/in/invoices.csv, line 3: it is not UTF-8',
      remedy: expect.stringContaining('latin-1'),
    },
  });
});
