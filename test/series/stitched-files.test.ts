import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, expect, it } from 'vitest';
import { duckdbQueryEngine } from '../../src/adapters/duckdb/duckdb-query-engine.js';
import { stitchablePart, stitchedFile } from '../../src/parquet/stitched-file.js';
import type { QueryContent, QueryRows, QueryTable, SeriesReading } from '../../src/ports/query-engine.js';

const folder = mkdtempSync(join(tmpdir(), 'pond-stitched-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const database = await (await DuckDBInstance.create(':memory:')).connect();

let count = 0;
const parquet = async (select: string, options = ''): Promise<Buffer> => {
  count += 1;
  const file = join(folder, `${count}.parquet`);
  await database.run(`COPY (${select}) TO '${file}' (FORMAT parquet${options})`);
  return readFileSync(file);
};

/** A day of nested rows that repeat, so that there are dictionaries, Bloom filters, nulls and several row groups. */
const day = (of: number, options = ', ROW_GROUP_SIZE 2048, COMPRESSION zstd'): Promise<Buffer> =>
  parquet(
    `SELECT ${of} AS day, i, 's' || (i % 5) AS station, nullif(i % 3, 0)::DECIMAL(9,2) AS d, [i, NULL, ${of}] AS list,
     {'a': i % 2, 'b': [{'c': 'x' || i}]} AS s, TIMESTAMPTZ '2026-01-01 00:00:00Z' + INTERVAL 1 SECOND * (${of} * 100000 + i) AS time
     FROM range(5000) AS r(i)`,
    options,
  );

const content = (bytes: Uint8Array): QueryContent => ({
  async *[Symbol.asyncIterator]() {
    yield bytes;
  },
});

const PLAIN: SeriesReading = { timeColumn: null, timezone: null, unique: [], onDuplicate: 'keep' };

const filesIn = (workspace: string): number =>
  readdirSync(workspace).filter((name) => name.endsWith('.parquet')).length;

let files = 0;

/** Rows of a query over contents; `files` is how many files they were written to. */
const rowsOf = async (
  sql: string,
  contents: readonly Uint8Array[],
  more: Partial<QueryTable> = { series: PLAIN },
): Promise<QueryRows> => {
  const workspace = mkdtempSync(join(folder, 'space-'));
  const found = await duckdbQueryEngine.session(
    [{ name: 't', path: '/s', format: 'parquet', contents: contents.map(content), ...more }],
    { signal: new AbortController().signal, workspace, memoryLimit: '256MB' },
    (session) => session.rows(sql),
  )();
  if (isLeft(found)) throw new Error(found.left.message);
  files = filesIn(workspace);
  return found.right;
};

it('files of one schema become one file with the rows of all, as the engine reads them one by one', async () => {
  const days = [await day(1), await day(2), await day(3)];
  const parts = days.map((bytes) => stitchablePart(bytes));
  expect(parts.every((part) => part !== null)).toBe(true);
  const all = Buffer.concat([...stitchedFile(parts.flatMap((part) => part ?? []))]);
  const select = 'SELECT * FROM t ORDER BY day, i';
  const apart = await rowsOf(select, days, {
    reader: { name: 'read_parquet', options: 'union_by_name = true' },
  });
  expect(apart.rows).toHaveLength(15_000);
  expect(await rowsOf(select, [all])).toEqual(apart);
  expect(await rowsOf("SELECT * FROM t WHERE station = 's3' AND i = 4998", days)).toEqual(
    await rowsOf("SELECT * FROM t WHERE station = 's3' AND i = 4998", [all]),
  );
});

it('a part can be stitched again, and files of other writers can', async () => {
  const columnData = (first: number) => [
    { name: 'v', data: Array.from({ length: 300 }, (_, index) => first + index), type: 'INT32' as const },
  ];
  const [a, b, c] = [0, 300, 600].map((first) =>
    Buffer.from(parquetWriteBuffer({ columnData: columnData(first) })),
  );
  const stitch = (...files: readonly (Uint8Array | undefined)[]) =>
    Buffer.concat([...stitchedFile(files.flatMap((file) => stitchablePart(file ?? new Uint8Array()) ?? []))]);
  const { rows } = await rowsOf('SELECT count(*)::INTEGER, sum(v)::INTEGER, max(v) FROM t', [
    stitch(stitch(a, b), c),
  ]);
  expect(rows).toEqual([[900, 404_550, 899]]);
});

it('what is newer goes before what is older, also where versions lie in one file', async () => {
  const version = (v: number) =>
    parquet(`SELECT TIMESTAMP '2026-01-01' + INTERVAL 1 HOUR * i AS time, ${v} AS v FROM range(4) AS r(i)`);
  const versions = [await version(1), await version(2), await version(3)];
  const series = { ...PLAIN, unique: ['time'] };
  const values = async (onDuplicate: 'skip' | 'replace') =>
    (await rowsOf('SELECT DISTINCT v FROM t', versions, { series: { ...series, onDuplicate } })).rows;
  expect(await values('replace')).toEqual([[3]]);
  expect(files).toBe(1);
  expect(await values('skip')).toEqual([[1]]);
});

it('columns that change between versions are read by name, and the others stay together', async () => {
  const versions = [
    await parquet('SELECT 1 AS a'),
    await parquet('SELECT 2 AS a'),
    await parquet("SELECT 3::BIGINT AS a, 'x' AS b"),
    await parquet('SELECT 4 AS a'),
  ];
  expect((await rowsOf('SELECT a, b FROM t ORDER BY a', versions)).rows).toEqual([
    [1, null],
    [2, null],
    [3, 'x'],
    [4, null],
  ]);
  expect(files).toBe(3);
});

it.each([
  ['cut off', (bytes: Buffer) => bytes.subarray(0, -1)],
  ['shorter than its footer', (bytes: Buffer) => bytes.subarray(bytes.length - 40)],
  ['empty', () => Buffer.alloc(0)],
  ['something else', () => Buffer.from('PAR1 and no more of it')],
  ['without the beginning', (bytes: Buffer) => Buffer.concat([Buffer.from('PAR1'), bytes.subarray(-600)])],
])('a file that is %s is not stitched', async (_, broken) => {
  expect(stitchablePart(broken(await day(1)))).toBeNull();
});

it('a damaged footer never leads out of its own file, and a version that is damaged is an error', async () => {
  const good = await parquet('SELECT i, i * 2 AS j FROM range(100) AS r(i)');
  const length = good.readUInt32LE(good.length - 8);
  for (let at = good.length - 8 - length; at < good.length - 8; at += 1) {
    for (const value of [0, 0xff, (good[at] ?? 0) ^ 0x40]) {
      const damaged = Buffer.from(good);
      damaged[at] = value;
      const part = stitchablePart(damaged);
      if (part === null) continue;
      const { places } = part.groups;
      for (let place = 2; place < places.length; place += 3)
        expect(places[place] ?? 0).toBeLessThanOrEqual(part.end);
    }
  }
  const rubbish = Buffer.concat([good.subarray(0, 30), Buffer.alloc(200, 7), good.subarray(230)]);
  const asked = duckdbQueryEngine.session(
    [
      {
        name: 't',
        path: '/s',
        format: 'parquet',
        series: PLAIN,
        contents: [good, rubbish, good].map(content),
      },
    ],
    {
      signal: new AbortController().signal,
      workspace: mkdtempSync(join(folder, 'space-')),
      memoryLimit: '256MB',
    },
    (session) => session.rows('SELECT sum(i), sum(j) FROM t'),
  );
  expect(isRight(await asked())).toBe(false);
});
