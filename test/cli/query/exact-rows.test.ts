import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { duckdbQueryEngine } from '../../../src/adapters/duckdb/duckdb-query-engine.js';
import type { QueryFailed, WrittenRows } from '../../../src/ports/query-engine.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Writes rows, and gives `look` their file. */
const written = <A>(sql: string, format: WrittenRows['format'], look: (file: string) => Promise<A>) =>
  duckdbQueryEngine.session<QueryFailed, A>(
    [],
    {
      signal: new AbortController().signal,
      workspace: temporaryFolder('pond-exact-'),
      memoryLimit: '256MB',
    },
    (session) =>
      TE.chainTaskK(
        ({ file }: { readonly file: string }) =>
          () =>
            look(file),
      )(session.write(sql, { format })),
  )();

const asText = async (file: string) => readFileSync(file, 'utf8');

describe('rows that are written', () => {
  it.each(['json', 'json-array'] as const)('as %s are JSON, whatever is in them', async (format) => {
    const sql = `SELECT 'nan'::DOUBLE AS nan, '-inf'::FLOAT AS low, 'inf'::DOUBLE AS high, NULL::DOUBLE AS nothing, 1.5::DOUBLE AS d,
      '0.00000000000000000000000000000000000001'::DECIMAL(38,38) AS small, -0.1234567890123456789::DECIMAL(19,19) AS negative,
      12345678901234567890123456789012345678::DECIMAL(38,0) AS large,
      {'a b': ['nan'::DOUBLE, 2.5], 'c': 0.5::DECIMAL(1,1), 'd': 1} AS nested, NULL::STRUCT(x DOUBLE) AS no_struct,
      MAP {'k': ['inf'::DOUBLE]} AS map, [['nan'::DOUBLE], NULL, []] AS lists, row('nan'::DOUBLE IS NULL, 1) AS unnamed,
      'NaN' AS "the ""name""", [1, 2] AS whole`;
    const found = await written(sql, format, asText);
    if (found._tag === 'Left') throw new Error(found.left.message);
    const parsed: unknown = JSON.parse(found.right);
    const [row] = Array.isArray(parsed) ? parsed : [parsed];
    expect(row).toMatchObject({
      nan: 'NaN',
      low: '-Infinity',
      high: 'Infinity',
      nothing: null,
      d: 1.5,
      small: '0.00000000000000000000000000000000000001',
      nested: { 'a b': ['NaN', 2.5], c: 0.5, d: 1 },
      no_struct: null,
      map: { k: ['Infinity'] },
      lists: [['NaN'], null, []],
      'the "name"': 'NaN',
      whole: [1, 2],
    });
    expect(found.right).toContain('"negative":-0.1234567890123456789,');
    expect(found.right).toContain('"large":12345678901234567890123456789012345678');
  });

  it('as Parquet have whole numbers of 128 bits with all of their digits, and are refused where it has no room for them', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const sql = `SELECT sum(x) AS s, [sum(x)] AS l, {'HUGEINT': sum(x), 'b': 'x'} AS st, 5::UHUGEINT AS u, 'HUGEINT' AS text
      FROM (VALUES (9007199254740993), (2)) AS v(x)`;
    const found = await written(sql, 'parquet', async (file) =>
      (
        await connection.runAndReadAll(
          `SELECT s::VARCHAR, typeof(s), l::VARCHAR, st::VARCHAR, u::VARCHAR, text FROM read_parquet('${file}')`,
        )
      ).getRows(),
    );
    connection.closeSync();
    expect(found).toMatchObject({
      right: [
        [
          '9007199254740995',
          'DECIMAL(38,0)',
          '[9007199254740995]',
          "{'HUGEINT': 9007199254740995, 'b': x}",
          '5',
          'HUGEINT',
        ],
      ],
    });
    expect(
      await written('SELECT 170141183460469231731687303715884105727::HUGEINT AS h', 'parquet', asText),
    ).toMatchObject({
      left: { message: expect.stringContaining('170141183460469231731687303715884105727') },
    });
  });

  it('keep their order', async () => {
    const sql = `SELECT (range * 7919) % 100003 AS k, CASE WHEN range % 3 = 0 THEN 'nan'::DOUBLE ELSE range END AS v
      FROM range(300000) ORDER BY k, range`;
    const found = await written(sql, 'json', asText);
    if (found._tag === 'Left') throw new Error(found.left.message);
    const keys = found.right
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly k: number }).k);
    expect(keys).toHaveLength(300_000);
    expect(keys.every((key, index) => index === 0 || key >= (keys[index - 1] ?? 0))).toBe(true);
  });
});
