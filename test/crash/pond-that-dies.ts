// The executable, built for tests: it kills itself with SIGKILL at the step `POND_TEST_DIE_AT` of its durable steps
// (from 1), and names those it reaches in the file `POND_TEST_STEPS_FILE`. Everything else is the product, unless it
// is built with a planted fault.

import { appendFileSync } from 'node:fs';
import { createLogger } from '../../src/adapters/pino-logger.js';
import { assemble, livePorts } from '../../src/composition-root.js';
import { runExecutable } from '../../src/run-executable.js';
import { type Steps, steppingPorts } from './crashing-ports.js';
import { type FaultName, faultyPorts } from './planted-faults.js';

/** What the build defines. */
export type PlantedFault = FaultName | 'none';
declare const __PLANTED_FAULT__: PlantedFault;

const last = Number(process.env.POND_TEST_DIE_AT ?? Number.POSITIVE_INFINITY);
const log = process.env.POND_TEST_STEPS_FILE;
let reached = 0;

const steps: Steps = {
  reach: (name) => {
    reached += 1;
    if (log !== undefined) appendFileSync(log, `${name}\n`);
    if (reached === last) process.kill(process.pid, 'SIGKILL');
  },
  nextIsLast: () => reached + 1 === last,
};

// Children of tasks are the product as it is.
delete process.env.POND_TEST_DIE_AT;
delete process.env.POND_TEST_STEPS_FILE;

await runExecutable(async (logging) => {
  const stepping = steppingPorts(livePorts(createLogger(logging)), steps);
  return assemble(__PLANTED_FAULT__ === 'none' ? stepping : faultyPorts(__PLANTED_FAULT__, stepping));
});
