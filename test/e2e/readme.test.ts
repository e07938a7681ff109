import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

/** The commands under "Use it", with another place for the pond; the first to fail ends them. */
const commandsOfReadme = (): string => {
  const [, commands = ''] =
    /## Use it\n\n```sh\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  return `set -e\n${commands}`.replaceAll('~/weather-pond', join(pond.host, 'weather-pond'));
};

it("the README's commands do what it says", async () => {
  const path = `${join(dirname(builtExecutable()), 'bin')}:${process.env.PATH}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', commandsOfReadme()], {
    cwd: root,
    env: { ...process.env, PATH: path },
    maxBuffer: 2 ** 24,
  });
  expect(stdout).toMatch(/✓ 4\.1 {2}\/etc\/system\.d\/10-check +command +completed/);
  expect(stdout).toContain('nothing is unfinished, nothing failed');
});
