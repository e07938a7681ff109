/** The library's entry points: the name of each in dist, and its source. */
export const entryPoints = {
  index: 'src/index.ts',
  promises: 'src/promises.ts',
  executor: 'src/standalone-executor.ts',
  testing: 'src/testing.ts',
};
