import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type PondWriter, Steward } from '../../src/index.js';
import type { TinyFsError } from '../../src/tinyfs/errors.js';

let folder = '';
let pond: Steward;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-joined-'));
  await must(Steward.init(join(folder, 'P')));
  pond = await must(Steward.open(join(folder, 'P')));
  await write((fs) => fs.mkdirAll('/s'));
});
afterEach(async () => {
  await pond.close()();
  rmSync(folder, { recursive: true, force: true });
});

const must = async <E, A>(task: TE.TaskEither<E, A>): Promise<A> => {
  const outcome = await task();
  if (isLeft(outcome)) throw new Error(JSON.stringify(outcome.left));
  return outcome.right;
};

const day = (value: number): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'time', data: [new Date(Date.UTC(2026, 0, value))], type: 'TIMESTAMP' },
        { name: 'value', data: [value], type: 'INT32' },
      ],
    }),
  );

const SERIES = '/s/north';
const merged = (): string => join(folder, 'P/control/merged');
const keptFiles = (): readonly string[] => (existsSync(merged()) ? readdirSync(merged()) : []);

const write = (change: (fs: PondWriter) => TE.TaskEither<TinyFsError, unknown>) =>
  must(pond.write(({ fs }) => change(fs)));
const append = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at).reduce<Promise<unknown>>(
    (before, value) => before.then(() => write((fs) => fs.appendToSeries(SERIES, day(value)))),
    Promise.resolve(),
  );

const valuesInSql = async (at?: number): Promise<string> => {
  const { rows } = await must(
    pond.query(`SELECT value FROM '${SERIES}' ORDER BY time`, at === undefined ? {} : { at }),
  );
  return JSON.stringify(rows.flat());
};
const upTo = (last: number, without: readonly number[] = []): string =>
  JSON.stringify(Array.from({ length: last }, (_, at) => at + 1).filter((value) => !without.includes(value)));

it('every so many versions that are appended are joined, and a query has the rows of all', async () => {
  await append(1, 15);
  expect(keptFiles()).toEqual([]);
  await append(16, 35);
  expect(keptFiles()).toHaveLength(1);
  expect(await valuesInSql()).toBe(upTo(35));
});

it('what was joined is not used for a series that has lost one of its versions, or for an earlier commit', async () => {
  await append(1, 32);
  await write((fs) => fs.removeVersion(SERIES, 3));
  expect(await valuesInSql()).toBe(upTo(32, [3]));
  const before = (await must(pond.status())).lastTxnSeq;
  expect(await valuesInSql(before - 1)).toBe(upTo(32));
  expect(await valuesInSql(before - 10)).toBe(upTo(23));
  await append(33, 48);
  expect(await valuesInSql()).toBe(upTo(48, [3]));
});

it('where nothing can be kept, versions are appended all the same', async () => {
  mkdirSync(join(folder, 'P/control'), { recursive: true });
  writeFileSync(merged(), 'not a directory');
  await append(1, 17);
  expect(await valuesInSql()).toBe(upTo(17));
});

it('many versions of one commit are joined with it, and commits of other things join nothing', async () => {
  await must(
    pond.write(({ fs }) => async () => {
      for (let value = 1; value <= 40; value += 1) await must(fs.appendToSeries(SERIES, day(value)));
      return { _tag: 'Right', right: undefined };
    }),
  );
  const kept = keptFiles();
  expect(kept).toHaveLength(1);
  await write((fs) => fs.write('/other', Buffer.from('x')));
  expect(keptFiles()).toEqual(kept);
  expect(await valuesInSql()).toBe(upTo(40));
});
