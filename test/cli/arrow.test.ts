import { tableFromIPC } from 'apache-arrow';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { duckdbQueryEngine } from '../../src/adapters/duckdb/duckdb-query-engine.js';
import type { QueryFailed } from '../../src/ports/query-engine.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** The bytes of a query's rows, and how large the pieces were in which they came. */
const bytesOf = async (sql: string, format: 'arrow' | 'arrow-stream' | 'csv' | 'parquet' = 'arrow') => {
  const sizes: number[] = [];
  const found = await duckdbQueryEngine.written<QueryFailed, Uint8Array>(
    {
      sql,
      tables: () => TE.right([]),
      signal: new AbortController().signal,
      workspace: temporaryFolder('pond-arrow-test-'),
      memoryLimit: '256MB',
    },
    { format },
    (bytes) =>
      TE.tryCatch(
        async () => {
          const pieces: Uint8Array[] = [];
          for await (const piece of bytes) {
            sizes.push(piece.length);
            pieces.push(Uint8Array.from(piece));
          }
          return Buffer.concat(pieces);
        },
        (thrown) => thrown as QueryFailed,
      ),
  )();
  if (E.isLeft(found)) throw new Error(found.left.message);
  return { bytes: found.right, sizes };
};

const rowsOf = (bytes: Uint8Array): unknown =>
  JSON.parse(
    JSON.stringify(tableFromIPC(bytes).toArray(), (_, value) =>
      typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? [...value] : value,
    ),
  );

describe('rows as Arrow', () => {
  it('have their types, in UTC where they are times with a zone', async () => {
    const { bytes } = await bytesOf(
      `SELECT 1::TINYINT AS a, 2::UBIGINT AS b, 1.5::FLOAT AS c, 12.34::DECIMAL(10, 2) AS d, DATE '2026-01-02' AS e,
         TIMESTAMP '2026-01-02 03:04:05.678901' AS f, TIMESTAMPTZ '2026-01-02 03:04:05+02' AS g, 'x' AS h, true AS i,
         'ab'::BLOB AS j, sum(1) AS k, TIME '01:02:03' AS l, TIMESTAMP_NS '2026-01-02 00:00:00.000000001' AS m,
         INTERVAL 1 DAY AS n, 'b'::ENUM('a', 'b') AS o, NULL AS p, '00000000-0000-0000-0000-000000000001'::UUID AS q`,
    );
    const { fields } = tableFromIPC(bytes).schema;
    expect(fields.map(({ type }) => String(type))).toEqual([
      ...['Int8', 'Uint64', 'Float32', 'Decimal[10e+2]', 'Date32<DAY>', 'Timestamp<MICROSECOND>'],
      ...['Timestamp<MICROSECOND, UTC>', 'Utf8', 'Bool', 'Binary', 'Decimal[38e0]', 'Time64<MICROSECOND>'],
      ...['Timestamp<NANOSECOND>', 'Utf8', 'Utf8', 'Int32', 'Utf8'],
    ]);
    expect(rowsOf(bytes)).toMatchObject([{ h: 'x', i: true, n: '1 day', o: 'b', p: null }]);
  });

  it('have nested values and nulls at every depth', async () => {
    const { bytes } = await bytesOf(
      `SELECT * FROM (VALUES
         ([1, NULL, 3], {'x': 1, 'y': ['a']}, MAP {'k': 1.5::DOUBLE}, [1, 2]::INTEGER[2]),
         (NULL, NULL, NULL, NULL),
         ([], {'x': NULL, 'y': NULL}, MAP {}, [NULL, 4]::INTEGER[2])) t(l, s, m, f)`,
    );
    const rows = tableFromIPC(bytes)
      .toArray()
      .map((row) => JSON.parse(JSON.stringify(row)));
    expect(rows).toEqual([
      { l: [1, null, 3], s: { x: 1, y: ['a'] }, m: { k: 1.5 }, f: [1, 2] },
      { l: null, s: null, m: null, f: null },
      { l: [], s: { x: null, y: null }, m: {}, f: [null, 4] },
    ]);
  });

  it('come in batches of bounded size, all of them and in their order, as a file and as a stream', async () => {
    const sql = `SELECT range AS n, CASE WHEN range % 3 = 0 THEN NULL ELSE 'row ' || range END AS s, range % 2 = 0 AS b
      FROM range(200000)`;
    for (const format of ['arrow', 'arrow-stream'] as const) {
      const { bytes, sizes } = await bytesOf(sql, format);
      const table = tableFromIPC(bytes);
      expect(table.batches.length).toBeGreaterThan(2);
      expect(Math.max(...sizes)).toBeLessThan(4 * 1024 * 1024);
      expect(table.numRows).toBe(200_000);
      for (const at of [0, 1, 65_535, 65_536, 131_071, 199_999]) {
        const row = table.get(at)?.toJSON() as { n: bigint; s: string | null; b: boolean };
        expect(row).toEqual({ n: BigInt(at), s: at % 3 === 0 ? null : `row ${at}`, b: at % 2 === 0 });
      }
    }
  });

  it('are a whole file without any rows, and are refused where fields have no names', async () => {
    const { bytes } = await bytesOf('SELECT 1 AS a, [1] AS b WHERE false');
    expect(tableFromIPC(bytes).numRows).toBe(0);
    expect(tableFromIPC(bytes).schema.fields.map(({ name }) => name)).toEqual(['a', 'b']);
    await expect(bytesOf('SELECT row(1, 2) AS r')).rejects.toThrow('fields without a name');
  });
});

describe('rows that are written while they are computed', () => {
  it('are the same bytes as those of a whole file', async () => {
    const { bytes, sizes } = await bytesOf('SELECT range AS n FROM range(500000)', 'csv');
    const lines = bytes.toString().split('\n');
    expect([lines[0], lines[1], lines[500_000], lines.length]).toEqual(['n', '0', '499999', 500_002]);
    expect(sizes.length).toBeGreaterThan(1);
  });

  it('end with the error that ends them', async () => {
    await expect(
      bytesOf(`SELECT CASE WHEN range = 400000 THEN error('here') ELSE range END FROM range(500000)`, 'csv'),
    ).rejects.toThrow('here');
  });
});
