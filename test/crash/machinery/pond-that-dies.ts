// The executable, built for tests: it kills itself with SIGKILL at the step `POND_TEST_DIE_AT` of its durable steps
// (from 1, or from the first whose name has `POND_TEST_DIE_FROM` in it), or by the signal `POND_TEST_DIE_BY`, and names
// those it reaches in the file `POND_TEST_STEPS_FILE`. Everything else is the product, unless it is built with a planted fault.

import { appendFileSync } from 'node:fs';
import { createLogger } from '../../../src/adapters/logging/json-logger.js';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { nodeAppendLogs } from '../../../src/adapters/node/node-append-logs.js';
import { assemble } from '../../../src/composition-root.js';
import { hostPlansOf, livePorts } from '../../../src/live-ports.js';
import { runExecutable } from '../../../src/run-executable.js';
import type { StewardPorts } from '../../../src/steward/steward-ports.js';
import { steppingHostFiles, steppingLogs } from './crashing-host-ports.js';
import { type Steps, steppingLocks, steppingPorts } from './crashing-ports.js';
import { type FaultName, faultyPorts } from './planted-faults.js';

/** What the build defines. */
export type PlantedFault = FaultName | 'none';
declare const __PLANTED_FAULT__: PlantedFault;

const last = Number(process.env.POND_TEST_DIE_AT ?? Number.POSITIVE_INFINITY);
const from = process.env.POND_TEST_DIE_FROM ?? '';
const signal = process.env.POND_TEST_DIE_BY ?? 'SIGKILL';
const log = process.env.POND_TEST_STEPS_FILE;
let reached = 0;

const steps: Steps = {
  reach: (name) => {
    if (reached > 0 || name.includes(from)) reached += 1;
    if (log !== undefined) appendFileSync(log, `${name}\n`);
    if (reached === last) process.kill(process.pid, signal);
  },
  nextIsLast: () => reached > 0 && reached + 1 === last,
};

const steppingHostPlans = ({
  clock,
  ids,
  locks,
  logger,
  host,
  userState,
}: StewardPorts): StewardPorts['hostPlans'] =>
  hostPlansOf(
    {
      clock,
      ids,
      logger,
      host,
      userState,
      pid: host.pid,
      files: steppingHostFiles(nodeFileSystem, steps),
      logs: steppingLogs(nodeAppendLogs, steps),
      locks: steppingLocks(locks, steps),
    },
    host,
  );

// Children of tasks are the product as it is.
delete process.env.POND_TEST_DIE_AT;
delete process.env.POND_TEST_DIE_FROM;
delete process.env.POND_TEST_DIE_BY;
delete process.env.POND_TEST_STEPS_FILE;

void runExecutable(async (logging) => {
  const live = livePorts(createLogger({ level: logging.level ?? 'warn' }));
  const hold = () => {
    const held = live.hold();
    return { ...held, files: steppingHostFiles(held.files, steps) };
  };
  const stepping = {
    ...steppingPorts(live, steps),
    hostFiles: steppingHostFiles(live.hostFiles, steps),
    hostPlans: steppingHostPlans(live),
    hold,
  };
  return assemble(__PLANTED_FAULT__ === 'none' ? stepping : faultyPorts(__PLANTED_FAULT__, stepping));
});
