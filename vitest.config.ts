import { defineConfig } from 'vitest/config';

const E2E = ['test/e2e/**/*.test.ts'];

/** Commands that are killed at each of their steps, power losses, short forms of the soak tests. */
const CRASHES = [
  'test/crash/**/*.test.ts',
  'test/power-loss/**/*.test.ts',
  'test/soak/**/*.test.ts',
  'test/host/crash.test.ts',
];

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

/** `vitest run --project NAME` runs one kind of tests; without it all are run. */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      kind('unit', {
        include: ['test/**/*.test.ts'],
        exclude: ['test/interop/**', 'test/bench/**', ...E2E, ...CRASHES],
      }),
      kind('laws', {
        include: ['property-tests/**/*.test.ts'],
        setupFiles: ['property-tests/configure-laws.ts'],
      }),
      kind('e2e', { include: E2E }),
      kind('crashes', { include: CRASHES }),
    ],
  },
});
