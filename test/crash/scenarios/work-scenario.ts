import { join } from 'node:path';
import type { Scenario } from '../machinery/crash-matrix.js';
import { recoveryScenario } from './recovery-scenario.js';

/**
 * What runs in the background, once, at a commit that has landed and is not recorded yet: it has to be repaired and its tasks
 * are to be run. What a kill leaves is dealt with by the next one, and by nobody else.
 */
export const workScenario = async (commit: Scenario, folder: string): Promise<Scenario> => ({
  ...(await recoveryScenario(commit, join(folder, 'for-work'))),
  scratch: join(folder, 'work'),
  args: ['work', '--once'],
  rescue: () => [{ args: ['work', '--once'], codes: [0, 3] }],
});
