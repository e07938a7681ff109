import { describe, expect, it } from 'vitest';
import { check, messages, weather } from './checking.js';

const CSV = 'a,b\n1,x\n1,x\n,N/A\n2,\n3,z\n';

const messageOf = async (written: string): Promise<string> =>
  (await check(`checks: [ ${written} ]`, { '/n.csv': CSV })).verdict.outcomes
    .map(({ message }) => message)
    .join('\n');

describe('a check of a metric', () => {
  it.each([
    ['{ metric: rowCount, mustBe: 5 }', 'rowCount is 5'],
    ['{ metric: nullValues, column: a, mustBe: 1 }', 'nullValues of a is 1'],
    ['{ metric: nullValues, column: a, mustBe: 20, unit: percent }', 'nullValues of a is 20.00%'],
    ['{ metric: missingValues, column: b, mustBe: 1 }', 'missingValues of b is 1'],
    [
      "{ metric: missingValues, column: b, mustBe: 2, arguments: { missingValues: [null, 'N/A'] } }",
      'missingValues of b is 2',
    ],
    [
      '{ metric: invalidValues, column: b, mustBe: 2, arguments: { validValues: [x] } }',
      'invalidValues of b is 2',
    ],
    [
      '{ metric: invalidValues, column: b, mustBe: 1, arguments: { pattern: "^[a-z]$" } }',
      'invalidValues of b is 1',
    ],
    ['{ metric: duplicateValues, column: a, mustBe: 1 }', 'duplicateValues of a is 1'],
    [
      '{ metric: duplicateValues, mustBe: 1, arguments: { properties: [a, b] } }',
      'duplicateValues of a, b is 1',
    ],
  ])('%s counts what the standard says', async (written, found) => {
    expect(await messageOf(written)).toContain(found);
    expect(await messages(`checks: [ ${written} ]`, { '/n.csv': CSV })).toEqual([]);
  });

  it.each([
    ['mustBe: 5', true],
    ['mustBe: 4', false],
    ['mustNotBe: 4', true],
    ['mustNotBe: 5', false],
    ['mustBeGreaterThan: 4', true],
    ['mustBeGreaterThan: 5', false],
    ['mustBeGreaterOrEqualTo: 5', true],
    ['mustBeGreaterOrEqualTo: 6', false],
    ['mustBeLessThan: 6', true],
    ['mustBeLessThan: 5', false],
    ['mustBeLessOrEqualTo: 5', true],
    ['mustBeLessOrEqualTo: 4', false],
    ['mustBeBetween: [5, 6]', true],
    ['mustBeBetween: [6, 7]', false],
    ['mustNotBeBetween: [6, 7]', true],
    ['mustNotBeBetween: [4, 5]', false],
  ])('with %s for five rows is %s', async (limit, holds) => {
    const found = await messages(`checks: [ { metric: rowCount, ${limit} } ]`, { '/n.csv': CSV });
    expect(found.length === 0).toBe(holds);
  });

  it('names itself, its value and its limit where it does not hold', async () => {
    expect(
      await messages('checks: [ { name: enough rows, metric: rowCount, mustBeGreaterThan: 9 } ]', {
        '/n.csv': CSV,
      }),
    ).toEqual(['enough rows: rowCount is 5, must be greater than 9']);
  });

  it('counts what breaks the rules of the column, where no arguments say what is valid', async () => {
    expect(
      await messages(
        `{ columns: [ { name: a, type: integer, max: 2, severity: warning } ],
           checks: [ { metric: invalidValues, column: a, mustBe: 0 } ] }`,
        { '/n.csv': CSV },
      ),
    ).toContain('invalidValues of a must be 0: invalidValues of a is 1, must be 0');
  });

  it('about a column that is not there is broken, and the others are still counted', async () => {
    expect(
      await messages(
        'checks: [ { metric: nullValues, column: wind, mustBe: 0 }, { metric: rowCount, mustBe: 4 } ]',
        { '/n.csv': CSV },
      ),
    ).toEqual([
      'nullValues of wind must be 0: the column wind is missing (the file has a, b)',
      'rowCount must be 4: rowCount is 5, must be 4',
    ]);
  });

  it('of a file without rows has no percentage above 0', async () => {
    expect(
      await messages('checks: [ { metric: nullValues, column: a, mustBeLessThan: 1, unit: percent } ]', {
        '/n.csv': 'a\n',
      }),
    ).toEqual([]);
  });
});

describe('a check with a query', () => {
  const ordered = `{ name: ordered, mustBe: 0,
    sql: "SELECT count(*) FROM (SELECT date < lag(date) OVER () AS back FROM {file}) WHERE back" }`;

  it('is about the rows of the file, with the types that the first of them show', async () => {
    const files = { '/in/weather.csv': weather() };
    expect(await messages(`checks: [ ${ordered} ]`, files)).toEqual([]);
    expect(
      await messages(
        'checks: [ { name: warm, sql: "SELECT max(temp_max) FROM {file} -- hot", mustBe: 35.6 } ]',
        files,
      ),
    ).toEqual([]);
    const back = { '/in/weather.csv': weather({ 9: '2011-01-01,0.0,1.0,1.0,4.7,sun' }) };
    expect(await messages(`checks: [ ${ordered} ]`, back)).toEqual(['ordered: its query is 1, must be 0']);
  });

  it('may be one that is true or false', async () => {
    const rule = (word: string) =>
      `checks: [ { name: q, sql: "SELECT count(*) = 5 FROM {file};", mustBe: ${word} } ]`;
    expect(await messages(rule('true'), { '/n.csv': CSV })).toEqual([]);
    expect(await messages(rule('false'), { '/n.csv': CSV })).toHaveLength(1);
  });

  it('may read other files of the pond by their path', async () => {
    const sql = `SELECT count(*) FROM {file} JOIN '/ref.csv' USING (a)`;
    expect(
      await messages(`checks: [ { name: joined, sql: "${sql}", mustBe: 2 } ]`, {
        '/n.csv': CSV,
        '/ref.csv': 'a\n1\n',
      }),
    ).toEqual([]);
  });

  it.each([
    ['SELEC 1', /syntax error/],
    ['SELECT nothing FROM {file}', /nothing/],
    ['SELECT 1; SELECT 2', /several statements/],
    ['SELECT a, b FROM {file}', /one column, this one has 2/],
    ["SELECT count(*) FROM read_csv('/etc/passwd')", /read_csv is not permitted/],
    ["COPY (SELECT 1) TO '/tmp/x'", /only queries can be answered/],
    ["SELECT getenv('HOME')", /getenv is not permitted/],
  ])('%s is refused by its name, and the other checks are counted', async (sql, problem) => {
    const found = await messages(
      `checks: [ { name: mine, sql: ${JSON.stringify(sql)}, mustBe: 1 }, { metric: rowCount, mustBe: 4 } ]`,
      { '/n.csv': CSV },
    );
    expect(found).toHaveLength(2);
    expect(found.join('\n')).toContain('rowCount is 5');
    expect(found.find((message) => message.startsWith('mine: '))).toMatch(problem);
  });

  it('with more than one row as its result is an error in words', async () => {
    const [found] = await messages('checks: [ { name: many, sql: "SELECT a FROM {file}", mustBe: 1 } ]', {
      '/n.csv': CSV,
    });
    expect(found).toMatch(/More than one row/);
  });
});
