import { defineConfig } from 'vitest/config';

const E2E = ['test/e2e/**/*.test.ts'];

/** Those of them that go once through all of the product; also on each version of Node that CI tries. */
const E2E_CORE = ['main-job', 'copy', 'sql', 'user-factories', 'code-cache'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** Commands that are killed at each of their steps, power losses, short forms of the soak tests. */
const CRASHES = [
  'test/crash/**/*.test.ts',
  'test/power-loss/**/*.test.ts',
  'test/soak/**/*.test.ts',
  'test/host/crash.test.ts',
];

/** What fails at each of many calls: `npm test` tries some of them, `npm run test:crash` all. */
const EVERY_CALL = ['test/host/faults.test.ts', 'test/remotes/killed.test.ts'];

/** Attacks that start many processes, some of them as other users: `npm run test:security` tries them. */
const LONG_ATTACKS = ['trust-arrivals', 'links-and-special-files', 'neighbours', 'process-groups'].map(
  (name) => `test/security/${name}.test.ts`,
);

/** A few of them, by chance. */
const SAMPLES = ['test/crash/sample.test.ts'];

interface Kind {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly setupFiles?: readonly string[];
}

const kind = (name: string, { include, exclude = [], setupFiles = [] }: Kind) => ({
  extends: true as const,
  test: {
    name,
    include: [...include],
    exclude: ['**/node_modules/**', ...exclude],
    setupFiles: [...setupFiles],
  },
});

/** Where the processes that tests start say what they reach, for `npm run coverage`. */
const reports = process.env.POND_TEST_COVERAGE;

/** `vitest run --project NAME` runs one kind of tests; without it all are run. `npm test` runs all but `attacks` and `crashes`. */
export default defineConfig({
  test: {
    globalSetup: 'test/support/own-state-directory.ts',
    pool: 'forks',
    // A third one works while another waits for a process.
    maxWorkers: 3,
    // No test changes what another one sees of its process, and loading the modules is half of most files' time.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Of this process vitest itself knows; it is set for those that the tests start.
    env: reports === undefined ? {} : { NODE_V8_COVERAGE: reports },
    projects: [
      kind('unit', {
        include: ['test/**/*.test.ts'],
        exclude: ['test/interop/**', 'test/bench/**', ...E2E, ...CRASHES, ...LONG_ATTACKS],
      }),
      kind('laws', {
        include: ['property-tests/**/*.test.ts'],
        setupFiles: ['property-tests/configure-laws.ts'],
      }),
      // With source maps there is no code cache.
      kind('e2e-core', {
        include: E2E_CORE,
        exclude: reports === undefined ? [] : ['**/code-cache.test.ts'],
      }),
      kind('e2e', { include: E2E, exclude: E2E_CORE }),
      kind('attacks', { include: LONG_ATTACKS }),
      kind('samples', { include: SAMPLES }),
      kind('crashes', { include: [...CRASHES, ...EVERY_CALL], exclude: SAMPLES }),
    ],
  },
});
