// `npm test`: every check there is, in order, until one fails.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const scratch = mkdtempSync(join(tmpdir(), 'pond-steward-test-'));
const results = join(scratch, 'vitest.json');

const script = (file, ...args) => [process.execPath, join(root, file), ...args];
const tool = (name, ...args) => [join(root, 'node_modules/.bin', name), ...args];

const steps = [
  ['dependencies', script('test/build/ensure-installed.mjs')],
  ['type check', tool('tsc', '--noEmit')],
  ['lint', tool('biome', 'check', '--error-on-warnings', '.')],
  ['layering', script('test/layering/check.mjs')],
  ['unused code', tool('knip')],
  ['build', script('test/build/bundle.mjs')],
  // Unit, property and end-to-end tests, and those that plant faults for the checks above.
  ['tests', tool('vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`)],
];

const passes = ([name, [program, ...args]]) => {
  console.log(`\n== ${name}`);
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 0) return true;
  console.log(`\nnpm test: "${name}" failed (${error?.message ?? signal ?? `exit code ${status}`})`);
  return false;
};

const printSums = () => {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(results, 'utf8'));
    // A file that could not even be loaded has no tests to count.
    const unloadable = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    console.log(`${numPassedTests} passed, ${numFailedTests + unloadable.length} failed`);
  } catch (error) {
    // Vitest did not get as far as the tests; the failed step has been named above.
    if (error.code !== 'ENOENT') throw error;
  }
};

process.exitCode = steps.every(passes) ? 0 : 1;
printSums();
rmSync(scratch, { recursive: true, force: true });
