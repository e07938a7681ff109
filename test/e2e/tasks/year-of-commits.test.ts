import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Steward } from '../../../src/promises.js';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

const DAYS = 365;
/** Commits whose states are kept. */
const KEPT = 30;

let pond: TempPond;
/** The commit of each day. */
const commits: number[] = [];

const rowOf = (day: number): string => `day,v\n${day},${day % 7}\n`;
const reportOf = (day: number): string => String(day % 10).repeat(80_000) + day;

beforeAll(async () => {
  pond = await tempPond(callPond);
  const steward = await Steward.open(pond.pond);
  await steward.write(({ fs }) => fs.mkdirAll('/in'));
  for (let day = 0; day < DAYS; day += 1) {
    const time = BigInt(Date.UTC(2026, 0, 1 + day)) * 1000n;
    const version = parquetWriteBuffer({
      columnData: [
        { name: 'time', data: [time], type: 'INT64' },
        { name: 'v', data: [day], type: 'DOUBLE' },
      ],
    });
    const { txnSeq } = await steward.write(async ({ fs }) => {
      await fs.write('/in/day.csv', Buffer.from(rowOf(day)));
      await fs.appendToSeries('/in/series', Buffer.from(version), { series: { timeColumn: 'time' } });
      if (day % 5 === 0) await fs.write('/in/report', Buffer.from(reportOf(day)));
      if (day === 100) await fs.write('/in/mistake.csv', Buffer.from('a\n1\n'));
    });
    commits.push(txnSeq);
  }
  await steward.close();
});
afterAll(() => pond.remove());

const run = async (...args: string[]) => (await pond.run(args)).stdout;
const json = async (...args: string[]) => JSON.parse(await run(...args, '--json'));
const commitOf = (day: number): string => String(commits[day]);

const sizeOf = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

it('a commit in the middle of a year is shown, and what it added is taken back alone', async () => {
  expect(await json('diff', commitOf(99), commitOf(100), '/in/mistake.csv')).toMatchObject({
    differences: [{ kind: 'added', path: '/in/mistake.csv' }],
  });
  await run('revert', commitOf(100), '/in/mistake.csv');
  expect((await pond.run(['cat', '/in/mistake.csv'], { expect: 1 })).stderr).toContain('/in/mistake.csv');
  expect(await run('cat', '/in/day.csv')).toBe(rowOf(DAYS - 1));
  expect((await json('log', '/in/mistake.csv')).commits).toHaveLength(2);
  expect((await json('log', '/in/day.csv')).commits).toHaveLength(DAYS);
});

it('after all but a month is forgotten the rest is as it was, and each content that is gone is told as that', async () => {
  const { content_root } = await json('fsck');
  const before = sizeOf(join(pond.pond, 'data'));
  const first = DAYS - KEPT;
  await run('maintain', '--forget-before', commitOf(first));
  // Of 73 reports those of a month are left.
  expect(sizeOf(join(pond.pond, 'data'))).toBeLessThan(before / 3);
  expect(await json('fsck')).toMatchObject({ ok: true, content_root });
  expect(await run('cat', '/in/series', '--format', 'csv')).toBe(
    `time,v\n${Array.from({ length: DAYS }, (_, day) => `${Date.UTC(2026, 0, 1 + day) * 1000},${day}.0\n`).join('')}`,
  );
  for (const day of [first, first + 1, DAYS - 1]) {
    expect(await run('cat', '/in/day.csv', '--at', commitOf(day))).toBe(rowOf(day));
    expect(await run('cat', '/in/report', '--at', commitOf(day))).toBe(reportOf(day - (day % 5)));
  }
  for (const day of [0, 100, first - 1])
    expect((await pond.run(['cat', '/in/day.csv', '--at', commitOf(day)], { expect: 1 })).stderr).toMatch(
      /is forgotten since \d{4}-/,
    );
  const versions: readonly Readonly<Record<string, unknown>>[] = await json('versions', '/in/day.csv');
  expect(versions).toHaveLength(DAYS);
  expect(versions.filter(({ forgotten }) => forgotten === undefined)).toHaveLength(KEPT);
  expect((await json('versions', '/in/series')).filter((one: object) => 'forgotten' in one)).toEqual([]);
  expect((await json('log', '/in/day.csv')).commits).toHaveLength(DAYS);
});
