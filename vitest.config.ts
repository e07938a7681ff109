import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

/** Files of tests. One that has another name by now would be of another kind without a word, so that is refused. */
const named = (folder: string, ...names: readonly string[]) =>
  names.map((name) => {
    const file = `${folder}/${name}.test.ts`;
    if (!existsSync(join(root, file))) throw new Error(`vitest.config.ts names ${file}, which is not there`);
    return file;
  });

/** End-to-end tests that go once through all of the product; also on each version of Node that CI tries. */
const E2E_CORE = [
  ...named('test/e2e', 'code-cache'),
  ...named('test/e2e/contents', 'copy', 'sql'),
  ...named('test/e2e/tasks', 'main-job', 'user-factories'),
];

/** What is tried for each of many calls, commands or damages: `npm test` tries some of them, `npm run test:crash` all. */
const EVERY_CALL = [
  ...named('test/e2e', 'output-errors'),
  ...named('test/e2e/upkeep', 'read-only'),
  ...named('test/host', 'faults'),
  ...named('test/remotes', 'killed'),
  ...named('test/fsck', 'planted-damage'),
];

/** Crashes beside those in folders of their own. */
const MORE_CRASHES = [
  ...named('test/host', 'crash'),
  ...named('test/e2e/upkeep', 'fsck-beside-writers'),
  ...named('test/shared', 'killed'),
  // No crash, but as long as one.
  ...named('test/bench', 'every-part'),
];

/** A few crashes, by chance. */
const SAMPLES = named('test/crash', 'sample');

/** Attacks that start many processes, some of them as other users: `npm run test:security` tries them. */
const LONG_ATTACKS = [
  ...named('test/security/trust', 'trust-arrivals', 'trust-approvals'),
  ...named('test/security/files', 'links-and-special-files', 'copy-special-files', 'shared-pond'),
  ...named('test/security/hostile', 'hostile-shapes', 'hostile-log', 'hostile-records', 'wide-rows'),
  ...named('test/security/neighbours', 'neighbours'),
  ...named('test/security/processes', 'process-groups', 'queries-that-end-processes'),
  ...named('test/security/http', 'http-connections'),
];

const beginsWithOneOf = (folders: readonly string[]) => (file: string) =>
  folders.some((folder) => file.startsWith(folder));

const isOfServers = beginsWithOneOf(['test/interop/']);

/** Commands that are killed at each of their steps, power losses, short forms of the soak tests. */
const isCrash = (file: string) =>
  beginsWithOneOf(['test/crash/', 'test/power-loss/', 'test/soak/'])(file) || MORE_CRASHES.includes(file);

/** What is looked at in a browser: `npm run test:web`. */
const isWeb = beginsWithOneOf(['test/web/']);

const isEndToEnd = (file: string) => file.startsWith('test/e2e/') && !MORE_CRASHES.includes(file);

/** Which tests are of which kind; one of `EVERY_CALL` is of two. */
const KINDS: Readonly<Record<string, (file: string) => boolean>> = {
  unit: (file) =>
    file.startsWith('test/') &&
    !(isOfServers(file) || isWeb(file) || isEndToEnd(file) || isCrash(file) || LONG_ATTACKS.includes(file)),
  laws: (file) => file.startsWith('property-tests/'),
  // With source maps there is no code cache.
  'e2e-core': (file) =>
    E2E_CORE.includes(file) && (reports === undefined || !file.endsWith('/code-cache.test.ts')),
  e2e: (file) => isEndToEnd(file) && !E2E_CORE.includes(file),
  attacks: (file) => LONG_ATTACKS.includes(file),
  samples: (file) => SAMPLES.includes(file),
  web: isWeb,
  crashes: (file) => (isCrash(file) && !SAMPLES.includes(file)) || EVERY_CALL.includes(file),
};

/** Where the processes that tests start say what they reach, for `npm run coverage`. */
const reports = process.env.POND_TEST_COVERAGE;

const everyTest = ['test', 'property-tests'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`),
);

const wanted = (process.env.POND_TEST_KINDS ?? Object.keys(KINDS).join(',')).split(',').map((name) => {
  const isOfKind = KINDS[name];
  if (isOfKind === undefined)
    throw new Error(`POND_TEST_KINDS: ${name} is not one of ${Object.keys(KINDS).join(', ')}`);
  return isOfKind;
});

/**
 * All kinds are one project: each project would load and compile the sources for itself. `POND_TEST_KINDS=unit,laws vitest run`
 * runs two kinds; without it all are run. `npm test` runs all but `attacks` and `crashes`.
 */
export default defineConfig({
  test: {
    include: everyTest.filter((file) => wanted.some((isOfKind) => isOfKind(file))),
    globalSetup: 'test/support/own-state-directory.ts',
    setupFiles: ['property-tests/configure-laws.ts', 'test/support/equal-bytes.ts'],
    pool: 'forks',
    // A third one works while another waits for a process.
    maxWorkers: 3,
    // No test changes what another one sees of its process, and loading the modules is half of most files' time.
    isolate: false,
    // What is waited for comes late on a machine that has other things to do.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Of this process vitest itself knows; it is set for those that the tests start.
    env: reports === undefined ? {} : { NODE_V8_COVERAGE: reports },
  },
});
