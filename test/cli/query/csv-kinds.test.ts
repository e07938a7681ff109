import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import {
  checkedCast,
  furtherKindOf,
  kindOf,
  quickCast,
  TEXT,
  typeBesideWords,
  typeOfKinds,
} from '../../../src/adapters/duckdb/csv/csv-kinds.js';

const STRINGS = [
  ...[
    '0',
    '-0',
    '7',
    '-7',
    '+7',
    '007',
    '-007',
    '1_000',
    '0x1F',
    '5.',
    '.5',
    '+.5',
    '-.5',
    '00.5',
    '0.5',
    '-0.5',
  ],
  ...['1.50', '1e3', '1E3', '1.5e3', '1e400', '-1e400', '1e15', '999999999999999', '999999999999999.5'],
  ...[
    '9007199254740992',
    '9007199254740993',
    '-9007199254740993',
    '9223372036854775808',
    `${'12'.repeat(15)}`,
  ],
  ...[
    '123456789012345678.5',
    'nan',
    'inf',
    '-inf',
    'infinity',
    '1_0.5',
    '1,5',
    '1 000',
    ' 5',
    '5 ',
    '5a',
    'a5',
  ],
  ...['true', 'FALSE', 'True ', 't', 'yes', '', ' ', 'x', '2026', '2026-01-01', '2026-1-1', '2026/01/01'],
  ...['2026-13-01', '01/02/2026', '12026-01-01', '2026-01-01 ', '2026-01-01 10:00', '2026-01-01T10:00'],
  ...['2026-01-01 10:00:00', '2026-01-01T10:00:00', '2026-01-01 1:00:00', '2026-01-01 10:00:00.5'],
  ...['2026-01-01 10:00:00.123456', '2026-01-01 10:00:00.123456000', '2026-01-01 10:00:00.123456789'],
  ...['2026-01-01 10:00:00Z', '2026-01-01T10:00:00Z', '2026-01-01T10:00:00.5Z', '2026-01-01 10:00:00.12Z'],
  ...[
    '2026-01-01 10:00:00.12345Z',
    '2026-01-01 10:00:00.+05',
    '2026-01-01 10:00:00.123+05',
    '2026-01-01 10:00Z',
  ],
  ...['2026-01-01 10:00:00+05', '2026-01-01 10:00:00-05:30', '2026-01-01 10:00+05', '2026-1-1 0:00+10:30'],
  ...[
    '2026-01-01 10:00:00 UTC',
    '2026-01-01 25:00:00',
    '2026-01-01T10:00:00.123456789Z',
    '1-1-1 0:00+05:30:15',
  ],
  ...['10:00', '10:00:00', '10:00:00.5', '25:00', 'infinity ', '-infinity', 'epoch', 'now', 'today'],
  ...['NA', ' n/a ', '-', '--', '.', '?', 'null', 'None', 'nothing', '-99', '#N/A'],
];

const connected = async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run('CREATE TABLE strings AS SELECT unnest($1::VARCHAR[]) AS x', [
    `[${STRINGS.map((string) => `"${string}"`).join(', ')}]`,
  ]);
  return connection;
};

it('what is told quickly of a text is what a long look at it tells', async () => {
  const connection = await connected();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  expect((await rows('SELECT x FROM strings')).flat()).toEqual(STRINGS);
  const all = await rows(`SELECT ${kindOf('x')} FROM strings`);
  const kinds = all.map(([kind]) => Number(kind));
  const before = new Set(kinds.flatMap((one) => kinds.map((other) => one | other)));
  let quick = 0;
  for (const each of before) {
    const further = await rows(`SELECT ${furtherKindOf('x', each)} FROM strings`);
    for (const [index, [kind]] of further.entries()) {
      const whole = kinds[index] ?? 0;
      if (Number(kind) !== whole) quick += 1;
      expect([STRINGS[index], each, typeOfKinds(each | Number(kind))]).toEqual([
        STRINGS[index],
        each,
        typeOfKinds(each | whole),
      ]);
      expect([STRINGS[index], each, typeBesideWords(each | Number(kind))]).toEqual([
        STRINGS[index],
        each,
        typeBesideWords(each | whole),
      ]);
    }
  }
  expect(quick).toBeGreaterThan(100);
  connection.closeSync();
});

/** The engine reads no instant without seconds. */
const withSeconds = (text: string): string =>
  text.replace(/^([^:]+:\d{2})(Z|[+-]\d{2}(:?\d{2})?| UTC)$/, '$1:00$2');

it('a text is read as the type of its column exactly where the type holds its kind', async () => {
  const connection = await connected();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  const kinds = await rows(`SELECT x, ${kindOf('x')} FROM strings`);
  const types = new Map(kinds.map(([, kind]) => [typeOfKinds(Number(kind)), Number(kind)]));
  types.delete(TEXT);
  expect([...types.keys()].sort()).toEqual([
    'BIGINT',
    'BOOLEAN',
    'DATE',
    'DECIMAL(38,0)',
    'DOUBLE',
    'TIME',
    'TIMESTAMP',
    'TIMESTAMP WITH TIME ZONE',
    'TIMESTAMP_NS',
  ]);
  for (const [type, ofType] of types)
    for (const [text, kind] of kinds) {
      const cast = checkedCast({ name: 'x', form: 'x', type, isSaid: false, file: "'f'", quick: 'q' });
      const quick = quickCast('x', type);
      const from = `(SELECT x${quick === null ? '' : `, ${quick} AS q`} FROM strings WHERE x = $$${String(text)}$$)`;
      const read = await rows(
        `SELECT (${cast})::VARCHAR, TRY_CAST(trim($$${withSeconds(String(text))}$$) AS ${type})::VARCHAR FROM ${from}`,
      ).catch(() => 'misfit');
      const holds = typeOfKinds(ofType | Number(kind)) === type;
      if (holds && read !== 'misfit') expect([text, type, read[0]?.[0]]).toEqual([text, type, read[0]?.[1]]);
      else expect([text, type, holds, read]).toEqual([text, type, false, 'misfit']);
    }
  connection.closeSync();
});
