import { expect, it } from 'vitest';
import { ask } from './querying.js';

const rows = (...values: readonly unknown[]) => values.map((d) => `${JSON.stringify({ d })}\n`).join('');

it.each([
  ['a day that comes before its month or after it', ['01-02-2025', '02-01-2025'], 'VARCHAR'],
  ['a time on such a day', ['01-02-2025 10:00:00'], 'VARCHAR'],
  ['a time of twelve hours', ['01-02-2025 10:00:00 AM'], 'VARCHAR'],
  ['a year of two digits', ['25-01-02'], 'VARCHAR'],
  ['one day among others that is written in another way', ['2025-01-02', '03-01-2025'], 'VARCHAR'],
  ['a UUID, whose letters may be large', ['BBD05AE7-1C3C-4B5E-9F2E-8A1B2C3D4E5F'], 'VARCHAR'],
  [
    'times with a zone beside times without one',
    ['2025-01-02T10:00:00+02:00', '2025-01-02T10:00:00'],
    'VARCHAR',
  ],
])('JSON: %s stays the text that it is', async (_, values, type) => {
  for (const nested of [false, true]) {
    if (nested && values.some((value) => value.includes('+'))) continue;
    const json = nested ? rows(...values.map((at) => ({ all: [{ at }] }))) : rows(...values);
    const value = nested ? 'd.all[1].at' : 'd';
    expect(await ask('json', [json], `SELECT ${value}, typeof(${value}) FROM source`)).toMatchObject({
      right: { rows: values.map((text) => [text, type]) },
    });
  }
});

it.each([
  ['2025-01-02', 'DATE', '2025-01-02'],
  ['10:30', 'TIME', '10:30:00'],
  ['2025-01-02 10:00:00.5', 'TIMESTAMP', '2025-01-02 10:00:00.5'],
  ['2025-03-30T02:30:00+02:00', 'TIMESTAMP', '2025-03-30 00:30:00'],
  ['2025-03-30T02:30:00Z', 'TIMESTAMP', '2025-03-30 02:30:00'],
])('JSON: %s is a %s, in lists and objects, too', async (text, type, value) => {
  const json = rows({ at: text, all: [text] });
  const sql = 'SELECT d."at"::VARCHAR, typeof(d."at"), d."all"[1]::VARCHAR, typeof(d."all") FROM source';
  expect(await ask('json', [json], sql)).toMatchObject({
    right: { rows: [[value, type, value, `${type}[]`]] },
  });
  expect(await ask('json', [rows(text)], 'SELECT d::VARCHAR, typeof(d) FROM source')).toMatchObject({
    right: { rows: [[value, type]] },
  });
});

it('JSON: names that are told apart by their case, rows that are not objects, and nulls are what they were', async () => {
  expect(await ask('json', ['{"v":1,"V":2}\n'], 'FROM source')).toMatchObject({ right: { rows: [[1, 2]] } });
  expect(await ask('json', ['[1,2]'], 'FROM source')).toMatchObject({ right: { rows: [[1], [2]] } });
  expect(await ask('json', ['{"a":null,"b":{"c":null}}\n'], 'FROM source')).toMatchObject({
    right: { rows: [[null, { c: null }]] },
  });
});
