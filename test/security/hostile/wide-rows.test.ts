// CSV with more columns than anybody reads is read in memory that does not grow faster than they do, or is refused by name.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
});
afterAll(() => pond.remove());

/** Values of a column of every kind, two rows of each. */
const KINDS = [
  ['1', '2'],
  ['1', '2.5'],
  ['9007199254740993', '2'],
  ['2026-01-01', '2026-12-31'],
  ['2026-01-01T10:00:00Z', '2026-01-01T10:00Z'],
  ['2026-01-01 10:00:00', '2026-01-02'],
  ['true', 'FALSE'],
  ['', ''],
  ['NA', '3'],
  ['10:30', '11:00:00.5'],
  ['x', '1'],
] as const;

const csvOf = (columns: number): string =>
  [
    Array.from({ length: columns }, (_, at) => `c${at}`),
    ...[0, 1].map((row) => Array.from({ length: columns }, (_, at) => KINDS[at % KINDS.length]?.[row] ?? '')),
  ]
    .map((line) => line.join(','))
    .join('\n');

const hostFile = (name: string, text: string): string => {
  writeFileSync(join(pond.host, name), text);
  return `host://${join(pond.host, name)}`;
};

const typesOf = async (table: string): Promise<readonly string[]> => {
  const { stdout } = await pond.run(['sql', '--format', 'json', `DESCRIBE SELECT * FROM '${table}'`]);
  return (JSON.parse(stdout) as readonly { column_type: string }[]).map(({ column_type }) => column_type);
};

test('columns of a wide file have the types that those of a narrow one have, taken in and queried', async () => {
  await pond.run(['copy', '--as', 'table', hostFile('narrow.csv', csvOf(KINDS.length)), '/narrow']);
  await pond.run(['copy', '--as', 'table', hostFile('wide.csv', csvOf(400)), '/wide']);
  await pond.run(['copy', hostFile('wide.csv', csvOf(400)), '/in/wide.csv']);
  const narrow = await typesOf('/narrow');
  expect(new Set(narrow).size).toBeGreaterThan(6);
  const expected = Array.from({ length: 400 }, (_, at) => narrow[at % narrow.length]);
  expect(await typesOf('/wide')).toEqual(expected);
  expect(await typesOf('/in/wide.csv')).toEqual(expected);
});

test('four thousand columns take no more memory than a table may, though the first line could be a row', async () => {
  const row = Array.from({ length: 4000 }, (_, at) => at).join(',');
  await pond.run([
    'copy',
    '--as',
    'table',
    '--csv-header',
    'no',
    hostFile('rows.csv', `${row}\n${row}\n`),
    '/rows',
  ]);
  await pond.run(['copy', hostFile('rows.csv', `${row}\n${row}\n`), '/in/rows.csv']);
  for (const table of ['/rows', '/in/rows.csv'])
    expect(
      await pond.run([
        'sql',
        '--format',
        'csv',
        `SELECT count(*) AS n, max(column3999) AS most FROM '${table}'`,
      ]),
    ).toMatchObject({ stdout: 'n,most\n2,3999\n' });
});

test('more columns than rows may have, and a first line without end, are refused by name and in few steps', async () => {
  const files = {
    'names.csv': [csvOf(5001), 'its first line has 5001 columns, and rows of CSV may have 5000'],
    'again.csv': [`${'a,'.repeat(1_500_000)}\n1`, 'its first line has 1500001 columns'],
    'endless.csv': [`${'a'.repeat(5 << 20)}\n1\n`, 'its first line has more than 4 MiB'],
  } as const;
  for (const [name, [text, words]] of Object.entries(files)) {
    const file = hostFile(name, text);
    await pond.run(['copy', file, `/in/${name}`]);
    for (const args of [
      ['copy', '--as', 'table', file, '/refused'],
      ['sql', `SELECT count(*) FROM '/in/${name}'`],
    ]) {
      const { code, stderr } = await callPond(args, { pond: pond.pond });
      expect([args[0], name, code, stderr]).toEqual([args[0], name, 1, expect.stringContaining(words)]);
    }
  }
});
