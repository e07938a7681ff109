import { describe, expect, it } from 'vitest';
import { NO_COLUMN_RULES } from '../../src/validation/rules.js';
import { check, faultsOf, messages, weather } from './checking.js';

const RULES = `
columns:
  - { name: date, type: date, required: true, unique: true }
  - { name: precipitation, type: double, min: 0 }
  - { name: temp_max, type: double, min: -60, max: 60 }
  - { name: temp_min, type: double }
  - { name: wind, type: double, min: 0, max: 40 }
  - { name: weather, enum: [drizzle, rain, sun, snow, fog], minLength: 3, maxLength: 7, pattern: "^[a-z]+$" }
strict: true
`;

/** A row of the weather, fault by fault, and what is said of it. */
const FAULTS: readonly (readonly [name: string, line: string, message: string])[] = [
  ['a missing date', ',0.0,12.8,5.0,4.7,sun', 'date: 1 value is missing (required), first in row 7'],
  [
    'no date',
    '2012-13-41,0.0,12.8,5.0,4.7,sun',
    'date: 1 value is not of type date (type), first "2012-13-41" in row 7',
  ],
  [
    'a date that was there',
    '2012-01-01,0.0,12.8,5.0,4.7,sun',
    'date: 1 value stands in an earlier row, too (unique), first "2012-01-01" in row 7',
  ],
  [
    'text for a number',
    '2012-01-07,0.0,hot,5.0,4.7,sun',
    'temp_max: 1 value is not of type number (type), first "hot" in row 7',
  ],
  [
    'below the minimum',
    '2012-01-07,-0.1,12.8,5.0,4.7,sun',
    'precipitation: 1 value is below 0 (min), first "-0.1" in row 7',
  ],
  [
    'above the maximum',
    '2012-01-07,0.0,99.5,5.0,4.7,sun',
    'temp_max: 1 value is above 60 (max), first "99.5" in row 7',
  ],
  [
    'none of the words',
    '2012-01-07,0.0,12.8,5.0,4.7,hail',
    'weather: 1 value is none of drizzle, rain, sun, snow, fog (enum), first "hail" in row 7',
  ],
];

describe('a rule about rows', () => {
  it('is kept by the weather of Seattle as it is', async () => {
    const { verdict } = await check(RULES, { '/in/weather.csv': weather() });
    expect(faultsOf(verdict)).toEqual([]);
    expect(verdict.rows).toBe(1461);
  });

  it.each(FAULTS)(
    'finds %s among 1,461 days, names the rule, the limit and the row',
    async (_, line, message) => {
      const found = await messages(RULES, { '/in/weather.csv': weather({ 7: line }) });
      expect(found).toEqual([message]);
    },
  );

  it('finds texts that are too short, too long, or of another form', async () => {
    const csv = 'code\nab\nabcdefgh\nAB-7\nabc\n';
    const found = await messages(
      'columns: [ { name: code, minLength: 3, maxLength: 7, pattern: "^[a-z]+$" } ]',
      { '/codes.csv': csv },
    );
    expect(found).toEqual([
      'code: 1 value has fewer than 3 characters (minLength), first "ab" in row 1',
      'code: 1 value has more than 7 characters (maxLength), first "abcdefgh" in row 2',
      'code: 1 value does not match ^[a-z]+$ (pattern), first "AB-7" in row 3',
    ]);
  });

  it('finds values that do not stand in the column of another file, whatever their format', async () => {
    const stations = { '/ref/stations.csv': 'id,name\nS1,north\nS2,south\n' };
    const rules = 'columns: [ { name: station, references: { file: /ref/stations.csv, column: id } } ]';
    expect(await messages(rules, { '/in.csv': 'station\nS1\nS2\n\nS1\n', ...stations })).toEqual([]);
    expect(await messages(rules, { '/in.csv': 'station,v\nS1,1\nS3,2\n,3\n', ...stations })).toEqual([
      'station: 1 value does not stand in id of /ref/stations.csv (references), first "S3" in row 2',
    ]);
    expect(
      await messages(rules, { '/in.json': '{"station":"S9"}\n{"station":"S2"}\n', ...stations }),
    ).toEqual([
      'station: 1 value does not stand in id of /ref/stations.csv (references), first "S9" in row 1',
    ]);
    const wrong = 'columns: [ { name: station, references: { file: /ref/stations.csv, column: ident } } ]';
    expect(await messages(wrong, { '/in.csv': 'station\nS1\n', ...stations })).toEqual([
      '/ref/stations.csv has no column ident, which station refers to',
    ]);
  });

  it('compares references of numbers as numbers', async () => {
    const rules = 'columns: [ { name: id, type: integer, references: { file: /ref.csv, column: id } } ]';
    expect(await messages(rules, { '/in.csv': 'id\n7\n08\n', '/ref.csv': 'id\n07\n8\n' })).toEqual([]);
  });

  it('takes a number without a fraction for an integer, and nothing else', async () => {
    const rules = 'columns: [ { name: n, type: integer, max: 10 } ]';
    expect(await messages(rules, { '/n.csv': 'n\n1\n-5\n\n10\n' })).toEqual([]);
    expect(await messages(rules, { '/n.csv': 'n\n1\n1.5\n2.0\nx\n11\n' })).toEqual([
      'n: 3 values are not of type integer (type), first "1.5" in row 2',
      'n: 1 value is above 10 (max), first "11" in row 5',
    ]);
  });

  it('shows five of the rows that break it, the first ones, with all their values', async () => {
    const csv = `n,v\n${Array.from({ length: 20 }, (_, index) => `${index},${index % 2}`).join('\n')}\n`;
    const { verdict } = await check('columns: [ { name: v, max: 0 } ]', { '/n.csv': csv });
    const [outcome] = faultsOf(verdict);
    expect(outcome?.value).toBe(10);
    expect(outcome?.failingRows).toEqual(
      [1, 3, 5, 7, 9].map((n) => ({ row: n + 1, values: { n: String(n), v: '1' } })),
    );
  });

  it('finds a fault in the last of 300,000 rows, where types guessed from the first ones would be an error', async () => {
    const rows = Array.from({ length: 300_000 }, (_, index) => `${index},${index % 90}`);
    rows.push('300000,broken');
    const { verdict } = await check(
      'columns: [ { name: v, type: number }, { name: n, type: integer, unique: true } ]',
      {
        '/big.csv': `n,v\n${rows.join('\n')}\n`,
      },
    );
    expect(faultsOf(verdict).map(({ message }) => message)).toEqual([
      'v: 1 value is not of type number (type), first "broken" in row 300001',
    ]);
  });

  it('is only warned of where its column says so', async () => {
    const { verdict } = await check('columns: [ { name: v, max: 0, severity: warning } ]', {
      '/n.csv': 'v\n1\n',
    });
    expect(faultsOf(verdict).map(({ severity }) => severity)).toEqual(['warning']);
  });

  it('takes names of columns and values as they are, whatever they look like', async () => {
    const name = `a "b" 'c'; DROP TABLE source; --`;
    const { verdict } = await check(
      {
        columns: [
          {
            ...NO_COLUMN_RULES,
            name,
            required: true,
            unique: true,
            enum: [`it's`, `"x"`],
            pattern: `^[^;']*$`,
          },
        ],
        strict: true,
        checks: [],
        unchecked: [],
      },
      { '/odd.csv': `"${name.replaceAll('"', '""')}"\nit's\n"""x"""\n"y;"\n` },
    );
    expect(faultsOf(verdict).map(({ rule, value }) => [rule, value])).toEqual([
      ['enum', 1],
      ['pattern', 2],
    ]);
  });
});

describe('a rule about columns', () => {
  it('misses a column that is not there, and says which one may be meant', async () => {
    expect(
      await messages('columns: [ { name: temp_mx, min: 0 } ]', { '/in/weather.csv': weather() }),
    ).toEqual([
      'the column temp_mx is missing, temp_max is meant? (the file has date, precipitation, temp_max, temp_min, wind, weather)',
    ]);
  });

  it('finds columns that no rule names, where it is strict', async () => {
    expect(
      await messages('{ strict: true, columns: [ { name: a } ] }', { '/n.csv': 'a,b,c\n1,2,3\n' }),
    ).toEqual(['columns that no rule names: b, c']);
  });
});

describe('a file that is not what it should be', () => {
  it.each([
    ['is cut in the middle of a line', 'a,b\n1,2\n3\n', /cannot be read: .*Line: 3/s],
    ['has a value too many', 'a,b\n1,2\n3,4,5\n', /cannot be read: .*Line: 3/s],
    ['is empty', '', /cannot be read: .* no line that names its columns/],
  ] as const)('that %s is refused with what is wrong', async (_, csv, message) => {
    const [first] = await messages('columns: [ { name: a }, { name: b } ]', { '/n.csv': csv });
    expect(first).toMatch(message);
  });

  it('that is not Parquet or JSON although its name says so is refused by its path', async () => {
    const rules = 'columns: [ { name: a } ]';
    for (const path of ['/a.parquet', '/a.json']) {
      const { verdict } = await check(rules, { [path]: 'no, it is not {' });
      expect(verdict.rows).toBeNull();
      expect(faultsOf(verdict)[0]?.message).toMatch(/cannot be read/);
      expect(faultsOf(verdict)[0]?.message).not.toMatch(/pond-validation/);
    }
  });
});
