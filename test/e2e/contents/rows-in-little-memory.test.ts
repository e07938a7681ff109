import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtExecutable, type TempPond, tempPond } from '../../support/pond-cli.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond();
});
afterAll(() => pond.remove());

/** Milliseconds between two looks at processes that go on; what a process had at most is told until it ends. */
const LOOK = 5;

/** Megabytes that the program and all processes that it has started had at most, together. */
const peakOf = async (args: readonly string[]): Promise<number> => {
  const child = spawn(process.execPath, [builtExecutable(), '--pond', pond.pond, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const errors = text(child.stderr);
  const peaks = new Map<number, number>();
  const looking = setInterval(() => {
    for (const pid of withDescendants(child.pid ?? 0)) {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(toldBy(`/proc/${pid}/status`)) ?? [];
      if (kilobytes !== undefined) peaks.set(pid, Number(kilobytes));
    }
  }, LOOK);
  const [status] = await ended;
  clearInterval(looking);
  expect(status, await errors).toBe(0);
  return [...peaks.values()].reduce((sum, kilobytes) => sum + kilobytes / 1000, 0);
};

const withDescendants = (pid: number): readonly number[] => [
  pid,
  ...toldBy(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .flatMap(withDescendants),
];

/** Content of a file about a process; nothing where that has ended. */
const toldBy = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
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
  expect(await peakOf(['cat', '/large.csv', '--format', 'csv'])).toBeLessThan(160);
  expect(
    await peakOf(['copy', '--format', 'csv', '/large.csv', `host://${join(pond.host, 'out.csv')}`]),
  ).toBeLessThan(180);
  expect(readFileSync(join(pond.host, 'out.csv')).equals(readFileSync(file))).toBe(true);
});
