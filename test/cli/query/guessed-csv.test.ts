import { expect, it } from 'vitest';
import { ask } from './querying.js';

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

/** More rows than an engine looks at before it guesses. */
const MANY = 25_000;

it.each([
  ['a fraction in a column of whole numbers', '1.5'],
  ['a number with zeros in front', '007'],
  ['a time in a column of days', '2026-01-02 13:45:00'],
])('%s that comes late is not rounded away', async (_, value) => {
  const before = value.includes('-') ? () => '2026-01-01' : (index: number) => `${index}`;
  const csv = `id,v\n${lines(MANY, (index) => `${index},${before(index)}`)}\n${MANY},${value}\n`;
  const sql = `SELECT v::VARCHAR AS v FROM source WHERE id = ${MANY}`;
  expect(await ask('csv', [csv], sql)).toMatchObject({ right: { rows: [[value]] } });
});

it('a fraction that comes late in JSON is not rounded away', async () => {
  const json = `${lines(MANY, (index) => `{"id":${index},"v":${index}}`)}\n{"id":${MANY},"v":1.5}\n`;
  expect(await ask('json', [json], `SELECT v FROM source WHERE id = ${MANY}`)).toMatchObject({
    right: { rows: [[1.5]] },
  });
});

it('a file of one column is read whole, whatever its values have in them', async () => {
  expect(await ask('csv', ['c0\nv0\na;b\n'], 'FROM source')).toMatchObject({
    right: { columns: ['c0'], rows: [['v0'], ['a;b']] },
  });
});

it('lines with more fields than the first are an error, and never a reason to leave out what comes before', async () => {
  const answers = [
    'My report\na,b\n1,2\n',
    'v\n1\n2,3\n',
    `a,b\n${lines(100, () => '1,2')}\n${lines(100, () => '1,2,3')}\n`,
  ];
  for (const csv of answers) expect(await ask('csv', [csv], 'FROM source')).toMatchObject({ _tag: 'Left' });
});

it.each([
  ['the last one, without an end', `a,b\n1,2\n${'x'.repeat(9_000_000)},3`],
  ['the last one', `a,b\n1,2\n${'x'.repeat(9_000_000)},3\r\n`],
  ['the only one', `a,b\n${'x'.repeat(9_000_000)}\n`],
  ['one in the middle', `a,b\n1,2\n${'x'.repeat(9_000_000)},3\n4,5\n`],
])('a line that is too long to be read, %s, is said and never left out', async (_, csv) => {
  expect(await ask('csv', [csv], 'SELECT count(*) FROM source')).toMatchObject({
    left: { message: expect.stringMatching(/line (of a CSV file )?has more than 4 MiB/) },
  });
});

it('lines of nearly 4 MiB are rows like others', async () => {
  const csv = `a,b\n${lines(3, () => `${'x'.repeat(4_100_000)},3`)}`;
  expect(
    await ask('csv', [csv], 'SELECT count(*)::INTEGER, max(length(a))::INTEGER FROM source'),
  ).toMatchObject({
    right: { rows: [[3, 4_100_000]] },
  });
});
