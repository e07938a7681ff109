import { join } from 'node:path';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { beginningScenarios } from './beginning-scenarios.js';
import { chainScenario } from './chain-scenario.js';
import { commitScenarios } from './commit-scenarios.js';
import { forgetScenario } from './forget-scenario.js';
import { gateScenarios } from './gate-scenarios.js';
import { exportByHand, hostApply, hostExport } from './host-scenarios.js';
import { maintainScenarios } from './maintain-scenarios.js';
import { noticeScenarios } from './notice-scenarios.js';
import { packScenario } from './pack-scenario.js';
import { recoveryScenario } from './recovery-scenario.js';
import { workScenario } from './work-scenario.js';

/** Every protocol, each in a command that goes all the way through it; those with the fewest steps first. */
export const everyScenario = async (
  ponds: BuiltPonds,
  folder: string,
): Promise<Readonly<Record<string, Scenario>>> => {
  const commits = await commitScenarios(ponds, folder);
  return {
    ...(await beginningScenarios(ponds, folder)),
    ...commits,
    ...(await gateScenarios(ponds, folder)),
    ...(await noticeScenarios(ponds, folder)),
    chain: await chainScenario(ponds, folder),
    recovery: await recoveryScenario(commits.withTasks, folder),
    work: await workScenario(commits.withTasks, folder),
    ...(await maintainScenarios(ponds, folder)),
    forget: await forgetScenario(ponds, folder),
    pack: await packScenario(ponds, folder),
    hostApply: await hostApply(ponds, folder),
    mirror: await hostExport(ponds, folder, 'mirror'),
    versions: await hostExport(ponds, folder, 'versions'),
    exportByHand: await exportByHand(ponds, join(folder, 'by-hand')),
  };
};
