import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtExecutable, projectRoot, type TempPond, tempPond } from '../support/pond-cli.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond();
});
afterAll(() => pond.remove());

const REPORT = join(projectRoot, 'test/bench/machinery/report-peak-memory.mjs');

/** Megabytes that the process had at most. */
const peakOf = (args: readonly string[]): number => {
  const report = join(pond.host, 'peak');
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', REPORT, builtExecutable(), '--pond', pond.pond, ...args],
    { env: { ...process.env, POND_BENCH_PEAK_FILE: report }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  expect(status, String(stderr)).toBe(0);
  return Number(readFileSync(report, 'utf8'));
};

const MEGABYTE = 1_000_000;

it('a CSV of 90 MB goes out as CSV, by cat and by copy, in less memory than two threads would take', async () => {
  const line = `12345,${'station'.repeat(6)},2026-01-01T00:00:00Z,1.25\n`;
  const piece = line.repeat(Math.floor(MEGABYTE / line.length));
  const file = join(pond.host, 'large.csv');
  const opened = openSync(file, 'w');
  writeSync(opened, 'id,station,time,value\n');
  for (let megabytes = 0; megabytes < 90; megabytes += 1) writeSync(opened, piece);
  closeSync(opened);
  await pond.run(['copy', `host://${file}`, '/large.csv']);
  expect(peakOf(['cat', '/large.csv', '--format', 'csv'])).toBeLessThan(160);
  expect(
    peakOf(['copy', '--format', 'csv', '/large.csv', `host://${join(pond.host, 'out.csv')}`]),
  ).toBeLessThan(180);
  expect(readFileSync(join(pond.host, 'out.csv')).equals(readFileSync(file))).toBe(true);
});
