// Every file of tests begins with it: one seed for all laws, and as many runs each as were asked for.

import * as fc from 'fast-check';
import { times } from '../test/support/times.js';

const { POND_TEST_SEED: seed } = process.env;

fc.configureGlobal({
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  // What fast-check does by itself.
  ...times(100),
});
