// `npm run coverage [-- FILTER...]`: which lines of `src` the tests of `npm test` reach, in their own process and in those that
// they start. Those run bundles with source maps, so `dist` is built for it, and again afterwards.

import '../build/ensure-installed.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryPlace } from '../build/temporary-place.mjs';
import { coverageOf, judgeCoverage } from './judge-coverage.mjs';
import { reachedCode } from './reached-code.mjs';

/** Percent of the lines that must be reached. */
const THRESHOLD = 90;

/** Milliseconds between two looks at what processes have written: together it would be gigabytes. */
const PAUSE = 2_000;

/** Minutes after which the tests are ended: several times of what they take on a quiet machine. */
const MOST = 60;

/** Faults and runs of a law of which one is tried, as in `npm test`. */
const SHARE = '6';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const scratch = temporaryPlace();
const ofProcesses = join(scratch, 'processes');
mkdirSync(ofProcesses);
// Some of them are other users'.
chmodSync(ofProcesses, 0o1777);

const build = (...args) => {
  const { status } = spawnSync(process.execPath, [join(root, 'test/build/bundle.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(1);
};

const kinds = ['unit', 'laws', 'e2e-core', 'e2e', 'samples'];
const runTests = () =>
  new Promise((ended, failed) => {
    const args = [
      'run',
      ...['--coverage.enabled', '--coverage.provider=v8', '--coverage.include=src/**/*.ts'],
      // A test that fails on a busy machine has reached its lines all the same.
      '--coverage.reportOnFailure',
      ...['--testTimeout=600000', '--hookTimeout=600000'],
      ...['--coverage.reporter=json', `--coverage.reportsDirectory=${join(scratch, 'vitest')}`],
      ...process.argv.slice(2),
    ];
    const tests = spawn(join(root, 'node_modules/.bin/vitest'), args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        TMPDIR: scratch,
        POND_TEST_COVERAGE: ofProcesses,
        POND_TEST_KINDS: kinds.join(','),
        POND_TEST_SHARE: process.env.POND_TEST_SHARE ?? SHARE,
      },
    });
    const late = setTimeout(() => {
      console.log(`coverage: the tests took longer than ${MOST} minutes and are ended`);
      tests.kill();
    }, MOST * 60_000);
    tests.on('error', failed).on('exit', (code) => {
      clearTimeout(late);
      ended(code === 0);
    });
  });

try {
  build('--source-maps');
  const code = reachedCode(join(root, 'dist'));
  const collecting = setInterval(() => code.collect(ofProcesses), PAUSE);
  const passed = await runTests();
  clearInterval(collecting);
  const processes = code.collect(ofProcesses);
  const report = join(scratch, 'vitest/coverage-final.json');
  if (!existsSync(report)) throw new Error('coverage: the tests have left no report');

  const inProcess = JSON.parse(readFileSync(report, 'utf8'));
  const files = coverageOf(inProcess, code.lines()).map((one) => ({
    ...one,
    file: relative(root, one.file),
  }));
  const { text, isEnough } = judgeCoverage(files, {
    threshold: THRESHOLD,
    floorOf: ({ file }) => file.split('/').slice(0, 2).join('/'),
  });
  console.log(`\n${text}`);
  console.log(`(${processes} processes were started by tests)`);
  if (!passed) console.log('coverage: tests failed; see above');
  if (processes === 0)
    console.log('coverage: no process has left a report, so what they reach was not counted');
  process.exitCode = passed && isEnough && processes > 0 ? 0 : 1;
} finally {
  build();
  rmSync(scratch, { recursive: true, force: true });
}
