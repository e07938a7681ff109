import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtExecutable, type TempPond, tempPond } from '../support/pond-cli.js';

const root = resolve(import.meta.dirname, '../..');

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond();
});
afterAll(() => pond.remove());

/** The commands under "Use it", with other places, without the one that needs a failed task; the first to fail ends them. */
const commandsOfReadme = (): string => {
  const [, commands = ''] =
    /## Use it\n\n```sh\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  return `set -e\n${commands}`
    .replaceAll('~/weather-pond', join(pond.host, 'weather-pond'))
    .replaceAll('host:///data/', `host://${pond.host}/`)
    .replace(/^pond control retry .*$/m, '');
};

it("the README's commands do what it says", async () => {
  const name = 'seattle-weather.csv';
  await copyFile(join(root, 'node_modules/vega-datasets/data', name), join(pond.host, name));
  const path = `${join(dirname(builtExecutable()), 'bin')}:${process.env.PATH}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', commandsOfReadme()], {
    env: { ...process.env, PATH: path },
    maxBuffer: 2 ** 24,
  });
  expect(stdout).toMatch(/✓ 4\.1 {2}\/etc\/system\.d\/10-check +command +completed/);
  expect(stdout).toContain('nothing is unfinished, nothing failed');
});
