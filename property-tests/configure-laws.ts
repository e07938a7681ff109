// Every law's file begins with it: one seed for all of them, and as many runs each as were asked for.

import * as fc from 'fast-check';

const { POND_TEST_SEED: seed, POND_TEST_RUNS: runs } = process.env;

fc.configureGlobal({
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
});
