// What a query puts on the disk does not outlive its process for longer than until the next command.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtExecutable, type TempPond, tempPond } from '../../support/pond-cli.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond();
});
afterAll(() => pond.remove());

const queries = (): string => join(pond.pond, 'control/queries');
const left = (): readonly string[] =>
  existsSync(queries()) ? readdirSync(queries(), { recursive: true, encoding: 'utf8' }) : [];
const isSpilled = (): boolean =>
  left().some((name) => {
    const stats = statSync(join(queries(), name), { throwIfNoEntry: false });
    return stats?.isFile() === true && !name.endsWith('.lock') && stats.size > 0;
  });

/** More than fits in its memory, and more than it would get through while it is waited for. */
const ENDLESS =
  "SELECT count(*) FROM (SELECT DISTINCT i::VARCHAR || repeat('x', 200) FROM range(10_000_000_000) t(i))";

it.each([
  ['the next command', ['list']],
  ['recovery', ['recover']],
])('temporary files of a query that was killed with SIGKILL are removed by %s', async (_, args) => {
  const child = spawn(process.execPath, [builtExecutable(), 'sql', ENDLESS, '--memory-limit', '64MB'], {
    env: { ...process.env, POND: pond.pond },
    stdio: 'ignore',
  });
  const ended = new Promise((done) => child.once('close', (__, signal) => done(signal)));
  while (!isSpilled() && child.exitCode === null) await setTimeout(20);
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  expect(isSpilled()).toBe(true);
  await pond.run(args);
  expect(left().filter((name) => !name.endsWith('.lock'))).toEqual([]);
});
