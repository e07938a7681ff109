// `npm test`: the checks, side by side, and then the tests, of crashes a sample.
// `npm run test:crash`: the tests of crashes. `npm run test:all`: all checks and all tests.
// `npm run test:security`: every attack. `npm run test:web`: the page of `pond serve`, in a browser.
// `npm run test:fast`: what tells soon whether the product runs on a version of Node; `-- --built`: `dist` is built for it already.

import './ensure-installed.mjs';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sideBySide } from './side-by-side.mjs';
import { temporaryPlace } from './temporary-place.mjs';
import { tsc } from './tsc.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const script = (file, ...args) => [process.execPath, join(root, file), ...args];
const tool = (name, ...args) => [join(root, 'node_modules/.bin', name), ...args];

const build = { name: 'build', command: script('test/build/bundle.mjs') };
/** All that runs. */
const buildPrograms = { name: 'build', command: script('test/build/bundle.mjs', '--without-declarations') };

/** Those that take longest first. `after: ['build']` is for what looks at `dist`. */
const checks = [
  build,
  { name: 'lint', command: tool('biome', 'check', '--error-on-warnings', '.') },
  { name: 'type check', command: tsc(root, '--noEmit') },
  { name: 'type check of the page', command: tsc(root, '--noEmit', '-p', 'src/page') },
  { name: 'layering', command: script('test/layering/check.mjs') },
  { name: 'unused code', command: tool('knip') },
  { name: 'API report', command: script('test/build/api-report.mjs'), after: ['build'] },
];

/** Tests, of these kinds, of what differs most from one version of Node to the next, and takes little time. */
const FAST = [
  ...['executor', 'tlogfs', 'control', 'adapters', 'planner'].map((folder) => `test/${folder}/`),
  ...['control-records', 'executor-laws', 'planning/plan-encoding', 'tinyfs-is-a-map'].map(
    (law) => `property-tests/${law}`,
  ),
  'test/e2e/',
];

/**
 * Kinds of tests are those of `vitest.config.ts`; `runs`: how often each law is tried, if not as usual; `share`: laws, and
 * tests that fail each of many calls, try one of so many; `whole`: every attack in every place, instead of some.
 */
const MODES = {
  '--usual': {
    command: 'npm test',
    steps: checks,
    kinds: ['unit', 'laws', 'e2e-core', 'e2e', 'samples'],
    share: 6,
  },
  '--fast': {
    command: 'npm run test:fast',
    steps: [buildPrograms],
    kinds: ['unit', 'laws', 'e2e-core'],
    only: FAST,
    runs: 10,
  },
  '--security': {
    command: 'npm run test:security',
    steps: [buildPrograms],
    kinds: ['unit', 'attacks'],
    only: ['test/security/', 'test/cli/query/'],
    whole: true,
  },
  '--web': { command: 'npm run test:web', steps: [buildPrograms], kinds: ['web'] },
  '--crashes': { command: 'npm run test:crash', steps: [buildPrograms], kinds: ['crashes'] },
  '--all': {
    command: 'npm run test:all',
    steps: checks,
    kinds: ['unit', 'laws', 'e2e-core', 'e2e', 'attacks', 'samples', 'crashes'],
  },
};

const [modeName = '--usual', ...asked] = process.argv.slice(2);
const mode = MODES[modeName];
const isBuilt = asked.includes('--built');
const filters = asked.filter((word) => word !== '--built');
if (mode === undefined) {
  console.error(`everything.mjs: ${modeName} is not one of ${Object.keys(MODES).join(', ')}`);
  process.exit(2);
}

/** How many passed and failed, of what vitest wrote. */
const sumsOf = (results) => {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(results, 'utf8'));
    // A file that could not even be loaded has no tests to count.
    const unloadable = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    return `${numPassedTests} passed, ${numFailedTests + unloadable.length} failed`;
  } catch (error) {
    // Vitest did not get as far as the tests, and has said why.
    if (error.code !== 'ENOENT') throw error;
    return 'no test was run';
  }
};

const runTests = () => {
  const scratch = temporaryPlace();
  const results = join(scratch, 'vitest.json');
  const seed = process.env.POND_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
  console.log(`\n== tests (POND_TEST_SEED=${seed} repeats what chance chooses)`);
  const [program, ...args] = tool(
    'vitest',
    'run',
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
    ...(filters.length > 0 ? filters : (mode.only ?? [])),
  );
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      TMPDIR: scratch,
      // For what is to be tried on a disk.
      POND_TEST_ON_DISK: tmpdir(),
      POND_TEST_SEED: seed,
      POND_TEST_KINDS: mode.kinds.join(','),
      ...(mode.runs === undefined ? {} : { POND_TEST_RUNS: String(mode.runs) }),
      ...(mode.whole === undefined ? {} : { POND_TEST_SECURITY: 'whole' }),
      ...(mode.share === undefined ? {} : { POND_TEST_SHARE: String(mode.share) }),
    },
  });
  if (status !== 0) {
    console.log(`\n${mode.command}: "tests" failed (${error?.message ?? signal ?? `exit code ${status}`})`);
  }
  console.log(sumsOf(results));
  // What was ended may still be writing.
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  return status === 0;
};

const steps = mode.steps.filter(({ name }) => !(isBuilt && name === 'build'));
const failed = await sideBySide(steps, { cwd: root, lanes: 2 });
if (failed.length > 0) {
  console.log(`\n${mode.command}: failed, and no test was run: ${failed.join(', ')}`);
  process.exitCode = 1;
} else process.exitCode = runTests() ? 0 : 1;
