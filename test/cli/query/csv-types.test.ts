import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ask } from './querying.js';

const typed = async (...values: readonly string[]) => {
  const csv = `id,x\n${values.map((value, index) => `${index},${value}\n`).join('')}`;
  const answer = await ask('csv', [csv], 'SELECT typeof(x), x::VARCHAR FROM source ORDER BY id');
  if (answer._tag === 'Left') return answer.left.message;
  const { rows } = answer.right as { readonly rows: readonly (readonly (string | null)[])[] };
  return [rows[0]?.[0], ...rows.map(([, value]) => value)];
};

it.each([
  ['whole numbers of any length are exact', ['7', '123456789012345678901234567890'], 'DECIMAL(38,0)'],
  ['and text where others of the column are not whole', ['1.5', '12345678901234567890'], 'VARCHAR'],
  ['whole numbers of 64 bits beside fractions likewise', ['1.5', '9007199254740993'], 'VARCHAR'],
  ['zeros in front are kept', ['00123', '5'], 'VARCHAR'],
  ['a plus sign in front is kept', ['+43123', '5'], 'VARCHAR'],
  ['numbers in other notations are what they say', ['0x1F', '1'], 'VARCHAR'],
  ['days whose month could be another number are text', ['01/02/2026', '02/03/2026'], 'VARCHAR'],
  ['words are not days', ['infinity', '2026-01-01'], 'VARCHAR'],
  ['words are not truth', ['yes', 'no'], 'VARCHAR'],
  ['decimal commas are text', ['"1,5"', '"2,5"'], 'VARCHAR'],
  ['words for what is missing are text', ['NA', '5'], 'VARCHAR'],
  [
    'times of several zones are instants',
    ['2026-01-01T00:00:00Z', '2026-01-01 00:00:00+02:00'],
    'TIMESTAMP WITH TIME ZONE',
  ],
  [
    'times with a zone beside times without one are text',
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00'],
    'VARCHAR',
  ],
  ['nanoseconds are kept', ['2026-01-01 00:00:00.123456789', '2026-01-01 00:00:00'], 'TIMESTAMP_NS'],
  ['zeros behind microseconds are nothing that is lost', ['2026-01-01T00:00:00.123456000'], 'TIMESTAMP'],
  ['nanoseconds of instants are kept as text', ['2026-01-01T00:00:00.123456789Z'], 'VARCHAR'],
])('%s', async (_, values, type) => {
  const [found, ...strings] = (await typed(...values)) as string[];
  expect(found).toBe(type);
  if (type === 'VARCHAR' || type.startsWith('DECIMAL'))
    expect(strings).toEqual(values.map((value) => value.replaceAll('"', '')));
  if (type === 'TIMESTAMP_NS') expect(strings).toEqual(values);
  if (type.endsWith('ZONE')) expect(strings).toEqual(['2026-01-01 00:00:00+00', '2025-12-31 22:00:00+00']);
});

it('an empty text in quotes is one, nothing at all is a null, and both are nulls among numbers', async () => {
  expect(await typed('""', '', 'z')).toEqual(['VARCHAR', '', null, 'z']);
  expect(await typed('""', '', '"5"')).toEqual(['BIGINT', null, null, '5']);
});

it('a first line is a row where all of it could be, and has names else', async () => {
  const columns = async (csv: string) => {
    const answer = await ask('csv', [csv], 'FROM source');
    return answer._tag === 'Left' ? answer : (answer.right as { readonly columns: unknown }).columns;
  };
  expect(await columns('station,2020,2021\n1,5,6\n2,7,8\n')).toEqual(['station', '2020', '2021']);
  expect(await columns('1,2\n3,4\n')).toEqual(['column0', 'column1']);
  expect(await columns('a,A,\n1,2,3\n')).toEqual(['a', 'A_1', 'column2']);
});

it('files with other columns and delimiters make one table, whose types all of them fit', async () => {
  const sql = 'SELECT typeof(v) AS t, v, w FROM source ORDER BY id';
  expect(await ask('csv', ['id,v\n1,5\n', 'v;id;w\n1.5;2;x\n'], sql)).toMatchObject({
    right: {
      rows: [
        ['DOUBLE', 5, null],
        ['DOUBLE', 1.5, 'x'],
      ],
    },
  });
});

it('a late value of a large file that its column does not hold is an error with its line and a remedy, where it matters', async () => {
  const misfits = [
    ['1', '1.5', 'BIGINT'],
    ['1.5', '123456789012345678901234567890', 'DOUBLE'],
    ['2026-01-01', '2026-01-01 10:00:00', 'DATE'],
    ['2026-01-01 10:00:00', '2026-01-01 10:00:00+05', 'TIMESTAMP'],
  ] as const;
  // More rows than are looked at, more bytes than are looked through, and line ends within rows.
  const first = misfits.map(([value]) => value).join();
  const row = `1,"${'line\n'.repeat(160)}",${first}\n`;
  const csv = `id,"a text",x0,x1,x2,x3\n${row.repeat(21_000)}2,,${misfits.map(([, value]) => value).join()}\n`;
  for (const [index, [, value, type]] of misfits.entries())
    expect(
      await ask('csv', [csv], `SELECT max(x${index}) AS x FROM source`, { path: '/in/l.csv' }),
    ).toMatchObject({
      left: {
        message: `/in/l.csv: "${value}" in the column x${index} (line ${1 + 21_000 * 161 + 1}) is not a ${type}, as the values in the first rows are`,
        remedy: expect.stringContaining(`read_csv('/in/l.csv', types = {'x${index}': 'VARCHAR'})`),
      },
    });
  expect(await ask('csv', [csv], 'SELECT count(*) AS n, sum(id) AS s FROM source')).toMatchObject({
    right: { rows: [[21_001, 21_002]] },
  });
  expect(await ask('csv', [csv], 'SELECT id FROM source LIMIT 1')).toMatchObject({ right: { rows: [[1]] } });
});

it('text that is not UTF-8 is an error with its line and a remedy, whichever columns are read', async () => {
  const workspace = temporaryFolder('pond-latin-');
  const file = join(workspace, 'latin.csv');
  writeFileSync(file, Buffer.from('a,b\n1,x\n2,caf\u00e9\n', 'latin1'));
  for (const sql of ['SELECT max(b) FROM source', 'FROM source'])
    expect(await ask('csv', [{ file }], sql, { path: '/in/latin.csv' })).toMatchObject({
      left: {
        message: '/in/latin.csv, line 3: it is not UTF-8',
        remedy: "say its encoding: read_csv('/in/latin.csv', encoding = 'latin-1')",
      },
    });
});

it('a name of a column with NUL in it is refused in words: it would end the statement', async () => {
  const left = {
    message: '/in/wide.csv: its first line has the character NUL in the name of column 2',
    remedy: "say its encoding if it is UTF-16: read_csv('/in/wide.csv', encoding = 'utf-16')",
  };
  for (const csv of ['a,b\0\n1,2\n', 'a,"b\0, c"\n1,2\n'])
    expect(await ask('csv', [csv], 'FROM source', { path: '/in/wide.csv' })).toMatchObject({ left });
});

it('a key that comes late in JSON is a column', async () => {
  const json = `${`{"a":1,"text":"${'x'.repeat(1000)}"}\n`.repeat(21_000)}{"a":1.5,"late":"x"}\n`;
  expect(await ask('json', [json], 'SELECT a, late FROM source WHERE late IS NOT NULL')).toMatchObject({
    right: { rows: [[1.5, 'x']] },
  });
});
