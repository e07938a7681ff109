import type { Processes } from '../../ports/processes.js';

/** Child processes, whose code (with Node's own for them) is loaded when the first one is needed: most commands need none. */
export const processesOnDemand: Processes = {
  run: (spec, beforeStart) => async () => (await live()).run(spec, beforeStart)(),
  findGroup: (group) => async () => (await live()).findGroup(group)(),
  endGroup: (group, graceMs) => async () => (await live()).endGroup(group, graceMs)(),
};

const live = async (): Promise<Processes> => (await import('./node-processes.js')).nodeProcesses;
