import { defineConfig } from 'vitest/config';

const HOUR = 3_600_000;

/** The long versions. The budget of each is in `run.mjs`; this only keeps the runner from ending them before. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/soak/*.soak.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 4 * HOUR,
    hookTimeout: HOUR,
    disableConsoleIntercept: true,
  },
});
