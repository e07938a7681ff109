import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Steward } from '../../src/promises.js';

let folder = '';
let pond: Awaited<ReturnType<typeof Steward.open>>;
let engine: Awaited<ReturnType<DuckDBInstance['connect']>>;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-merging-'));
  engine = await (await DuckDBInstance.create(':memory:')).connect();
  await Steward.init(join(folder, 'P'));
  pond = await Steward.open(join(folder, 'P'));
});
afterAll(async () => {
  await pond.close();
  engine.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

const row = fc.record({
  time: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 5 }),
  key: fc.option(fc.integer({ min: 0, max: 2 }), { freq: 5 }),
});

/** Appends: rows, of which some versions have a column more, or one of wider numbers. */
const appends = fc.array(
  fc.record({
    rows: fc.array(row, { minLength: 1, maxLength: 5 }),
    hasExtra: fc.boolean(),
    isWide: fc.boolean(),
  }),
  { minLength: 3, maxLength: 4 },
);

type Append = typeof appends extends fc.Arbitrary<readonly (infer A)[]> ? A : never;

const parquetOf = async ({ rows, hasExtra, isWide }: Append, version: number): Promise<Buffer> => {
  count += 1;
  const file = join(folder, `${count}.parquet`);
  const values = rows
    .map(
      ({ time, key }, index) =>
        `(${time === null ? 'NULL::TIMESTAMPTZ' : `TIMESTAMPTZ '2026-01-01 00:00:0${time}+00'`}, ${key ?? 'NULL'}::INTEGER, ${version * 100 + index}::${isWide ? 'BIGINT' : 'INTEGER'}${hasExtra ? `, 'x${version}'` : ''})`,
    )
    .join(', ');
  const columns = `ts, key, value${hasExtra ? ', extra' : ''}`;
  await engine.run(`COPY (SELECT * FROM (VALUES ${values}) AS v(${columns})) TO '${file}' (FORMAT parquet)`);
  return readFileSync(file);
};

const readBack = async (path: string) => {
  count += 1;
  const file = join(folder, `${count}.parquet`);
  const bytes = await pond.read(async ({ fs }) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await fs.read(path)) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
  writeFileSync(file, bytes);
  const read = await engine.runAndReadAll(`SELECT * FROM '${file}'`);
  return {
    columns: read.columnNames().map((name, at) => `${name} ${read.columnType(at)}`),
    rows: read.getRows().map((values) => values.map(String)),
  };
};

it('merged version by version a series has the rows, in their order, that it has when all are merged at once', async () => {
  let series = 0;
  await fc.assert(
    fc.asyncProperty(appends, fc.constantFrom('keep', 'skip', 'replace'), async (versions, onDuplicate) => {
      series += 1;
      const path = `/s${series}`;
      for (const [index, version] of versions.entries()) {
        const bytes = await parquetOf(version, index + 1);
        await pond.write(({ fs }) =>
          fs.appendToSeries(path, bytes, { series: { timeColumn: 'ts', unique: ['key'], onDuplicate } }),
        );
        await readBack(path);
      }
      const stepwise = await readBack(path);
      rmSync(join(folder, 'P/control/merged'), { recursive: true, force: true });
      expect(stepwise).toEqual(await readBack(path));
    }),
    { numRuns: 5 },
  );
});
