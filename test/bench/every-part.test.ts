import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Milliseconds; on two cores with nothing else to do a minute is enough. */
const LONG = 1_200_000;

/** What counts the processes that a command starts; where it is missing, the parts that need it say so. */
const hasPython = spawnSync('python3', ['--version']).status === 0;

it('every part of the bench but those that need a database server runs on the product as it is', {
  timeout: LONG,
}, () => {
  const bench = join(import.meta.dirname, 'run.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, '--small'], { encoding: 'utf8' });
  const unmeasured = stdout.split('\n').filter((line) => line.includes('could not be measured'));
  if (!hasPython) {
    expect(unmeasured.filter((line) => !line.includes('python3'))).toEqual([]);
    return;
  }
  expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('measuring '))).toEqual([]);
  expect(unmeasured).toEqual([]);
  expect(status).toBe(0);
});
