import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steps } from '../../src/effects/steps.js';
import { type PondError, type PondWriter, Steward } from '../../src/index.js';
import type { TinyFsError } from '../../src/tinyfs/errors.js';

let folder = '';
let pond: Steward;
let engine: Awaited<ReturnType<DuckDBInstance['connect']>>;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-series-'));
  engine = await (await DuckDBInstance.create(':memory:')).connect();
  await engine.run("SET TimeZone = 'UTC'");
  await must(Steward.init(join(folder, 'P')));
  pond = await must(Steward.open(join(folder, 'P')));
});
afterAll(async () => {
  await pond.close()();
  engine.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

const must = async <E, A>(task: TE.TaskEither<E, A>): Promise<A> => {
  const outcome = await task();
  if (isLeft(outcome)) throw new Error(JSON.stringify(outcome.left));
  return outcome.right;
};

/** The rows of a query as a Parquet file. */
const parquet = async (query: string): Promise<Buffer> => {
  count += 1;
  const file = join(folder, `${count}.parquet`);
  await engine.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
  return readFileSync(file);
};

/** The rows that a content has when it is opened as a Parquet file, with their types. */
const rowsIn = async (bytes: Uint8Array) => {
  count += 1;
  const file = join(folder, `${count}.parquet`);
  writeFileSync(file, bytes);
  const read = await engine.runAndReadAll(`SELECT * FROM '${file}'`);
  return {
    columns: read.columnNames().map((name, at) => `${name} ${read.columnType(at)}`),
    rows: read.getRows().map((row) => row.map(String)),
  };
};

const changing = (change: (fs: PondWriter) => TE.TaskEither<TinyFsError, unknown>) =>
  pond.write(({ fs }) => change(fs));
const append = async (path: string, query: string, series = {}) => {
  const bytes = await parquet(query);
  return changing((fs) => fs.appendToSeries(path, bytes, { series }));
};
const failing = async <A>(task: TE.TaskEither<PondError, A>): Promise<PondError | A> => {
  const outcome = await task();
  return isLeft(outcome) ? outcome.left : outcome.right;
};
const bytesOf = (path: string, at?: number) =>
  must(pond.read(({ fs }) => fs.readBytes(path), at === undefined ? {} : { at }));

describe('a series that is read', () => {
  it('is one Parquet file with the rows of all versions by name, in the order of their times', async () => {
    await must(await append('/two', "SELECT TIMESTAMP '2026-01-02' AS timestamp, 2::INTEGER AS value"));
    await must(
      await append(
        '/two',
        "SELECT TIMESTAMP '2026-01-01' AS timestamp, 'x' AS note, 3000000000::BIGINT AS value",
      ),
    );
    expect(await rowsIn(await bytesOf('/two'))).toEqual({
      columns: ['timestamp TIMESTAMP', 'value BIGINT', 'note VARCHAR'],
      rows: [
        ['2026-01-01 00:00:00', '3000000000', 'x'],
        ['2026-01-02 00:00:00', '2', 'null'],
      ],
    });
  });

  it('is the bytes that came where there is one version in order, and sorted where it is not', async () => {
    const sorted = await parquet(
      "SELECT * FROM (VALUES (TIMESTAMP '2026-01-01', 1), (TIMESTAMP '2026-01-02', 2)) t(time, v)",
    );
    await must(changing((fs) => fs.appendToSeries('/one', sorted)));
    expect(Buffer.from(await bytesOf('/one')).equals(sorted)).toBe(true);
    await must(
      await append(
        '/late',
        "SELECT * FROM (VALUES (TIMESTAMP '2026-01-02', 2), (TIMESTAMP '2026-01-01', 1)) t(time, v)",
      ),
    );
    expect((await rowsIn(await bytesOf('/late'))).rows.map(([, v]) => v)).toEqual(['1', '2']);
  });

  it('is merged once: what was merged is believed by its digest only, and may be deleted', async () => {
    for (const day of ['01', '02', '03'])
      await must(await append('/kept', `SELECT TIMESTAMP '2026-02-${day}' AS timestamp, 1 AS v`));
    const first = Buffer.from(await bytesOf('/kept'));
    const merged = join(folder, 'P/control/merged');
    const names = readdirSync(merged);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) writeFileSync(join(merged, name), 'PAR1 something else PAR1');
    expect(Buffer.from(await bytesOf('/kept')).equals(first)).toBe(true);
    rmSync(merged, { recursive: true });
    expect(Buffer.from(await bytesOf('/kept')).equals(first)).toBe(true);
  });
});

describe('an append that does not fit', () => {
  it('is refused before the commit, with the column and both types', async () => {
    await must(await append('/n', "SELECT TIMESTAMP '2026-01-01' AS timestamp, 1.5::DOUBLE AS value"));
    const conflicts = {
      text: "SELECT TIMESTAMP '2026-01-02' AS timestamp, 'a' AS value",
      'other name': "SELECT TIMESTAMP '2026-01-02' AS at, 1.5::DOUBLE AS value",
      integer: 'SELECT 1767225600::BIGINT AS timestamp, 1.5::DOUBLE AS value',
      utc: "SELECT TIMESTAMPTZ '2026-01-02 00:00:00+00' AS timestamp, 1.5::DOUBLE AS value",
    };
    const found = [];
    for (const query of Object.values(conflicts)) found.push(await failing(await append('/n', query)));
    expect(found).toMatchObject([
      { _tag: 'SchemaConflict', column: 'value', expected: 'DOUBLE', found: 'VARCHAR', reason: 'type' },
      { _tag: 'SchemaConflict', column: 'timestamp', found: null, reason: 'time-column' },
      { _tag: 'SchemaConflict', column: 'timestamp', expected: 'TIMESTAMP', found: 'BIGINT', reason: 'type' },
      { _tag: 'SchemaConflict', column: 'timestamp', found: 'TIMESTAMP WITH TIME ZONE', reason: 'zone' },
    ]);
    expect(await failing(changing((fs) => fs.appendToSeries('/n', Buffer.from('hello'))))).toMatchObject({
      _tag: 'NotParquet',
      path: '/n',
    });
    expect(await must(pond.read(({ fs }) => fs.versions('/n')))).toHaveLength(1);
  });

  it('is not refused where the schema is any, and new columns are where it is strict', async () => {
    await must(
      await append('/any', "SELECT TIMESTAMP '2026-01-01' AS time, 1.5::DOUBLE AS v", { schema: 'any' }),
    );
    await must(await append('/any', "SELECT TIMESTAMP '2026-01-02' AS time, TIMESTAMP '2026-01-02' AS v"));
    expect((await rowsIn(await bytesOf('/any'))).rows.map(([, v]) => v)).toEqual([
      '1.5',
      '2026-01-02 00:00:00',
    ]);
    await must(changing((fs) => fs.changeSeries('/any', { schema: 'strict' })));
    expect(
      await failing(await append('/any', "SELECT TIMESTAMP '2026-01-03' AS time, 'x' AS v, 1 AS more")),
    ).toMatchObject({ _tag: 'SchemaConflict', column: 'more', reason: 'new-column' });
  });

  it('says when plain integers have another unit', async () => {
    await must(await append('/int', 'SELECT 1767225600::BIGINT AS timestamp'));
    expect(await must(pond.read(({ fs }) => fs.versions('/int')))).toMatchObject([
      { minEventTime: 1767225600_000_000 },
    ]);
    expect(await failing(await append('/int', 'SELECT 1767225600000::BIGINT AS timestamp'))).toMatchObject({
      expected: 'BIGINT (seconds)',
      found: 'BIGINT (milliseconds)',
      reason: 'unit',
    });
  });
});

describe('a series with a zone', () => {
  it('takes times without one beside instants, as that zone has them', async () => {
    await must(await append('/z', "SELECT TIMESTAMPTZ '2026-07-01 12:00:00+00' AS timestamp, 1 AS v"));
    await must(
      await append('/z', "SELECT TIMESTAMP '2026-07-01 12:00:00' AS timestamp, 2 AS v", {
        timezone: 'Europe/Vienna',
      }),
    );
    const [, wall] = await must(pond.read(({ fs }) => fs.versions('/z')));
    expect(wall?.minEventTime).toBe(Date.UTC(2026, 6, 1, 10) * 1000);
    expect(await rowsIn(await bytesOf('/z'))).toEqual({
      columns: ['timestamp TIMESTAMP WITH TIME ZONE', 'v INTEGER'],
      rows: [
        ['2026-07-01 10:00:00+00', '2'],
        ['2026-07-01 12:00:00+00', '1'],
      ],
    });
  });
});

describe('a series with unique columns', () => {
  const day = (v: number) => `SELECT TIMESTAMP '2026-01-01' AS time, 'a' AS id, ${v} AS v`;

  it('shows of rows with one key the first, the last, or all of them, and a version that is taken out no more', async () => {
    await must(await append('/u', day(1), { unique: ['time', 'id'], onDuplicate: 'skip' }));
    await must(await append('/u', day(2)));
    const values = async (at?: number) => (await rowsIn(await bytesOf('/u', at))).rows.map(([, , v]) => v);
    expect(await values()).toEqual(['1']);
    await must(changing((fs) => fs.changeSeries('/u', { onDuplicate: 'replace' })));
    expect(await values()).toEqual(['2']);
    await must(changing((fs) => fs.changeSeries('/u', { onDuplicate: 'keep' })));
    expect(await values()).toEqual(['1', '2']);
    const before = (await must(pond.status())).lastTxnSeq;
    await must(changing((fs) => fs.removeVersion('/u', 2)));
    expect(await values()).toEqual(['1']);
    expect(await values(before)).toEqual(['1', '2']);
    expect(await must(pond.read(({ fs }) => fs.versions('/u')))).toMatchObject([{ version: 1 }]);
    expect(await failing(changing((fs) => fs.removeVersion('/u', 1)))).toMatchObject({
      _tag: 'InvalidArgument',
    });
    expect(await failing(pond.read(({ fs }) => fs.read('/u', { version: 2 })))).toMatchObject({
      _tag: 'VersionNotFound',
    });
  });

  it('is reverted, copied and restored with its contract', async () => {
    await must(await append('/r', day(1)));
    await must(await append('/r', day(2)));
    const withBoth = (await must(pond.status())).lastTxnSeq;
    await must(changing((fs) => fs.removeVersion('/r', 1)));
    const removed = (await must(pond.status())).lastTxnSeq;
    await must(
      changing((fs) =>
        steps(async ({ run }) => {
          await run(fs.copy('/r', '/copy'));
          await run(fs.revert(removed));
        }),
      ),
    );
    const values = async (path: string) => (await rowsIn(await bytesOf(path))).rows.map(([, , v]) => v);
    expect(await values('/r')).toEqual(['1', '2']);
    expect(await values('/copy')).toEqual(['2']);
    await must(await append('/copy', day(3)));
    expect(await values('/copy')).toEqual(['2', '3']);
    await must(changing((fs) => fs.removeVersion('/r', 2)));
    await must(changing((fs) => fs.restore('/r', withBoth)));
    expect(await values('/r')).toEqual(['1', '2']);
  });

  it('loses what one commit appended when that is reverted, and nothing that came later', async () => {
    const numbers: number[] = [];
    for (const number of [1, 2, 3, 4]) {
      const commit = await must(
        pond.write(({ fs }) =>
          steps<TinyFsError, void>(async ({ run }) => {
            // The second day comes in two versions, beside a file that nobody touches again.
            const days = number === 2 ? [day(2), day(5)] : [day(number)];
            for (const each of days) await run(fs.appendToSeries('/m', await parquet(each)));
            await run(fs.write(`/m-${number}.txt`, Buffer.from('x')));
          }),
        ),
      );
      if (commit._tag === 'Committed') numbers.push(commit.txnSeq);
    }
    const [, second = 0, third = 0] = numbers;
    const values = async () => (await rowsIn(await bytesOf('/m'))).rows.map(([, , v]) => v);
    const { nodeId } = await must(pond.read(({ fs }) => fs.stat('/m')));
    expect(await values()).toEqual(['1', '2', '5', '3', '4']);
    await must(changing((fs) => fs.revert(second)));
    expect(await values()).toEqual(['1', '3', '4']);
    expect(await failing(pond.read(({ fs }) => fs.stat('/m-2.txt')))).toMatchObject({ _tag: 'PathNotFound' });
    // Once more there is nothing left of it to undo.
    await must(changing((fs) => fs.revert(second, { paths: ['/m'] })));
    await must(changing((fs) => fs.revert(third, { paths: ['/m'] })));
    expect(await values()).toEqual(['1', '4']);
    await must(await append('/m', day(6)));
    expect(await values()).toEqual(['1', '4', '6']);
    expect((await must(pond.read(({ fs }) => fs.stat('/m')))).nodeId).toBe(nodeId);
    // Whoever says so has the series as it was, without what came later.
    await must(changing((fs) => fs.revert(third, { paths: ['/m'], force: true })));
    expect(await values()).toEqual(['1', '2', '5']);
    // What changed how the series is read as well is not undone by half.
    await must(await append('/m', day(7), { unique: ['time'] }));
    const ruled = (await must(pond.status())).lastTxnSeq;
    await must(await append('/m', day(8)));
    expect(await failing(changing((fs) => fs.revert(ruled)))).toMatchObject({ _tag: 'ChangedSince' });
  });
});

describe('pond.query', () => {
  it('answers over paths and patterns, with parameters, as of any transaction', async () => {
    await must(changing((fs) => fs.write('/q1.csv', Buffer.from('a,b\n1,x\n2,y\n'))));
    const first = (await must(pond.status())).lastTxnSeq;
    await must(changing((fs) => fs.write('/q1.csv', Buffer.from('a,b\n3,z\n'))));
    const sql = "SELECT b FROM '/q1.csv' WHERE a >= $least ORDER BY a";
    expect(await must(pond.query(sql, { params: { least: 2 } }))).toEqual({ columns: ['b'], rows: [['z']] });
    expect((await must(pond.query(sql, { params: { least: 2 }, at: first }))).rows).toEqual([['y']]);
    expect((await must(pond.query("SELECT count(*) FROM '/q*.csv'"))).rows).toEqual([[1]]);
    expect(await failing(pond.query('SELECT * FROM nowhere'))).toMatchObject({ _tag: 'QueryFailed' });
    expect(await failing(pond.query("SELECT * FROM '/none.csv'"))).toMatchObject({ _tag: 'PathNotFound' });
  });
});
