// Rows of files of the host become a series and a table of a pond in a store: what is converted lies meanwhile where queries have their temporary files.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { removeFolder } from '../crash/machinery/built-ponds.js';
import { callPond } from '../support/pond-in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder('rows-copied-in');
afterAll(() => removeFolder(folder));

it('rows are taken into a pond in a store, and nothing is made in the working directory', async () => {
  const cwd = `${folder}/here`;
  mkdirSync(cwd);
  writeFileSync(`${folder}/x.csv`, 'time,b\n2026-01-01T00:00:00Z,2\n');
  const env = {
    POND: `file://${folder}/store`,
    POND_STATE_DIR: `${folder}/state`,
    POND_CACHE: `${folder}/copies`,
    POND_CONTROL: `file://${folder}/control`,
  };
  const pond = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await callPond(args, { env, workingDirectory: cwd });
    expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
    return stdout;
  };
  await pond('init');
  await pond('copy', '--as', 'series', `host://${folder}/x.csv`, '/s');
  await pond('copy', '--as', 'table', `host://${folder}/x.csv`, '/t');
  expect(await pond('sql', `SELECT s.b + t.b AS sum FROM '/s' AS s, '/t' AS t`, '--format', 'csv')).toBe(
    'sum\n4\n',
  );
  expect(readdirSync(cwd)).toEqual([]);
});
