import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Milliseconds; on two cores with nothing else to do a minute is enough. */
const LONG = 1_200_000;

it('every part of the bench but those that need a database server runs on the product as it is', {
  timeout: LONG,
}, () => {
  const bench = join(import.meta.dirname, 'run.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, '--small'], { encoding: 'utf8' });
  expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('measuring '))).toEqual([]);
  expect(stdout).not.toContain('could not be measured');
  expect(status).toBe(0);
});
