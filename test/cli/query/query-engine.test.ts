import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { ask } from './querying.js';

const CSV = 'a,b\n1,x\n2,y\n';

describe('a query over a content', () => {
  it('finds CSV and JSON as the table "source"', async () => {
    expect(await ask('csv', [CSV], 'SELECT sum(a) AS s, count(*) AS n FROM source')).toEqual(
      E.right({ columns: ['s', 'n'], rows: [[3, 2]] }),
    );
    expect(await ask('json', ['{"a":1}\n{"a":2}\n'], 'SELECT a FROM source ORDER BY a DESC')).toEqual(
      E.right({ columns: ['a'], rows: [[2], [1]] }),
    );
  });

  it('finds several contents one after another, their columns matched by name', async () => {
    const answer = await ask(
      'csv',
      [CSV, 'b,c\nz,9\n'],
      'SELECT count(*) AS n, max(b) AS b, max(c) AS c FROM source',
    );
    expect(answer).toEqual(E.right({ columns: ['n', 'b', 'c'], rows: [[3, 'z', 9]] }));
  });

  it('keeps numbers that JavaScript cannot hold exactly as text', async () => {
    const answer = await ask(
      'csv',
      [CSV],
      'SELECT 9007199254740993::BIGINT AS big, 1::BIGINT AS small FROM source LIMIT 1',
    );
    expect(answer).toEqual(E.right({ columns: ['big', 'small'], rows: [['9007199254740993', 1]] }));
  });

  it('has whole numbers as numbers within lists, structs, maps and unions, too', async () => {
    const sql = `SELECT {'a': 1::BIGINT, 'l': [2::HUGEINT, 9007199254740993::BIGINT]} AS s,
                        map {'k': 3::UBIGINT} AS m, union_value(n := 4::BIGINT) AS u`;
    expect(await ask('csv', [CSV], sql)).toEqual(
      E.right({
        columns: ['s', 'm', 'u'],
        rows: [[{ a: 1, l: [2, '9007199254740993'] }, [{ key: 'k', value: 3 }], { tag: 'n', value: 4 }]],
      }),
    );
  });

  it('is one statement: several are refused, whatever quotes and comments say', async () => {
    for (const sql of ['SELECT 1; SELECT 2', "SELECT ';' ; /* ; */ FROM source", 'FROM source;;SELECT 1;'])
      expect(await ask('csv', [CSV], sql)).toEqual(
        E.left({ _tag: 'QueryFailed', message: 'there are several statements; a query is one' }),
      );
    for (const sql of [
      "SELECT ';' AS s;",
      'SELECT 1 -- ; SELECT 2\n;',
      'SELECT $$;$$ AS s /* ; /* ; */ ; */',
      'SELECT 1 AS ";"',
    ])
      expect(await ask('csv', [CSV], sql)).toMatchObject({ _tag: 'Right' });
  });

  it('may describe, summarize, explain, and turn rows into columns', async () => {
    expect(await ask('csv', [CSV], 'DESCRIBE source')).toMatchObject({
      right: {
        rows: [
          ['a', 'BIGINT', 'YES', null, null, null],
          ['b', 'VARCHAR', 'YES', null, null, null],
        ],
      },
    });
    expect(await ask('csv', [CSV], 'SELECT column_name FROM (SUMMARIZE source)')).toMatchObject({
      right: { rows: [['a'], ['b']] },
    });
    expect(await ask('csv', [CSV], 'PIVOT source ON b USING sum(a)')).toMatchObject({
      right: { columns: ['x', 'y'] },
    });
    expect(await ask('csv', [CSV], 'UNPIVOT source ON a')).toMatchObject({ _tag: 'Right' });
    expect(await ask('csv', [CSV], 'EXPLAIN SELECT a FROM source')).toMatchObject({ _tag: 'Right' });
  });

  it('that fails speaks of contents by the names that people have for them', async () => {
    const ragged = `a,b\n${'1,2\n'.repeat(30_000)}1,2,3\n`;
    const failures = [
      await ask('csv', [ragged], 'SELECT sum(a) FROM source', { path: '/in/ragged.csv' }),
      await ask('parquet', ['PAR1 and no more than that'], 'FROM source', { path: '/in/ragged.csv' }),
      await ask('json', ['{"a":1}\n{"a":'], 'FROM source', { path: '/in/ragged.csv' }),
    ];
    for (const failure of failures) {
      expect(failure).toMatchObject({ left: { message: expect.stringContaining('/in/ragged.csv') } });
      const text = JSON.stringify(failure);
      expect(text).not.toMatch(/pond-query-|CREATE VIEW|ignore_errors|strict_mode/);
    }
  });

  it('that fails says why', async () => {
    expect(await ask('csv', [CSV], 'SELECT nope FROM source')).toMatchObject(
      E.left({ _tag: 'QueryFailed', message: expect.stringContaining('nope') }),
    );
    expect(await ask('csv', [CSV], 'selec')).toMatchObject(
      E.left({ _tag: 'QueryFailed', message: expect.stringContaining('syntax error') }),
    );
    expect(await ask('csv', [CSV], 'selec')).not.toHaveProperty('left.remedy');
  });

  it.each([
    ['SELECT * FROM /s', '/s'],
    ["SELECT 'ä', a FROM '/x' JOIN /in/ö.csv USING (a)", '/in/ö.csv'],
    ['EXPLAIN SELECT count(*) FROM (FROM /s)', '/s'],
  ])('a path without quotes is to be put in quotes: %s', async (sql, path) => {
    expect(await ask('csv', [CSV], sql)).toMatchObject(
      E.left({ _tag: 'QueryFailed', remedy: `put the path in quotes: '${path}'` }),
    );
  });

  it('of what is not Parquet is an error', async () => {
    expect(await ask('parquet', ['no parquet'], 'SELECT 1')).toMatchObject(E.left({ _tag: 'QueryFailed' }));
  });
});
