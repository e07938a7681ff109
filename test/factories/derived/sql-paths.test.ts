import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { sqlTokens } from '../../../src/domain/text/sql-tokens.js';
import { CALLED, isVolatile, pathsInSql } from '../../../src/factories/built-in/derived/sql-paths.js';

describe('a query is asked again each time', () => {
  test.each([
    'SELECT now()',
    'SELECT "now"()',
    'SELECT NOW ( )',
    "SELECT age(time) FROM '/a'",
    "SELECT age(date_trunc('day', time)) FROM '/a'",
    'SELECT current_date, 1',
    "SELECT * FROM '/a' USING SAMPLE 10",
    "SELECT * FROM '/a' TABLESAMPLE 10%",
    "-- it's about today's rows\nSELECT x FROM '/a' WHERE time > now() -- isn't it",
    "/* don't */ SELECT random()",
    `SELECT $$it's$$, uuid()`,
    "SELECT E'\\'', random()",
    `-- ${'x'.repeat(3_000)} '\nSELECT random()`,
  ])('where it may say something else: %s', (sql) => {
    expect(isVolatile(sql)).toBe(true);
  });

  test.each([
    "SELECT age FROM '/people.csv' -- as of now()",
    "SELECT age(a, b), age(a, date_trunc('day', b)) FROM '/a'",
    "SELECT 'now()', $$random()$$, /* uuid() */ today, sample, random FROM '/a'",
    `SELECT x AS "now" FROM '/it''s/now()'`,
    "SELECT E'\\' now() ' FROM '/a'",
  ])('and only then: %s', (sql) => {
    expect(isVolatile(sql)).toBe(false);
  });

  test('for every function of which the engine says so', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const answer = await connection.runAndReadAll(
      "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE stability <> 'CONSISTENT'",
    );
    // Here there is one database with one schema, whose names never change.
    const same = ['current_database', 'current_schema', 'current_schemas', 'in_search_path'];
    const names = answer.getRows().map(([name]) => String(name));
    expect(names.filter((name) => !CALLED.has(name) && !same.includes(name))).toEqual([]);
    connection.closeSync();
  });
});

test('paths are found in quotes of any kind, and neither a comment nor an apostrophe hides one', () => {
  expect(
    pathsInSql(`-- it's
      SELECT * FROM '/a.csv' JOIN "/b b.csv" USING (x) -- don't
      JOIN '/it''s/c.csv' ON /* "not */ true, $$/d.csv$$, E'/e\\'s.csv'
      WHERE x LIKE '%/no%' AND y = 4/2 AND z = '-- ' AND w IN ('/a.csv', '/f.csv')`),
  ).toEqual(['/a.csv', '/b b.csv', "/it's/c.csv", '/d.csv', "/e's.csv", '/f.csv']);
});

test('the tokens of a query stand where they say', () => {
  const sql = `SELECT e'a\\'b', "c""d" /* /* x */ ; */, $t$ ' $t$ -- ;\n FROM größe`;
  const tokens = sqlTokens(sql);
  expect(tokens.map(({ value }) => value)).toEqual([
    ...['SELECT', "a'b", ',', 'c"d', ',', " ' ", 'FROM', 'größe'],
  ]);
  expect(tokens.map(({ start, end }) => sql.slice(start, end))).toEqual([
    ...['SELECT', `e'a\\'b'`, ',', '"c""d"', ',', `$t$ ' $t$`, 'FROM', 'größe'],
  ]);
});
