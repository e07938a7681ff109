import { join } from 'node:path';
import { crashedPond, learnSteps, type Scenario } from '../machinery/crash-matrix.js';

/** `pond recover` of a commit that has landed and is not recorded yet, so that all of it is still to be done. */
export const recoveryScenario = async (commit: Scenario, folder: string): Promise<Scenario> => {
  const steps = await learnSteps(commit);
  const landing = steps.findIndex((step) => /^link .*_delta_log/.test(step));
  if (landing < 0) throw new Error(`it never lands: ${steps.join(', ')}`);
  const crashed = { ...commit, scratch: join(folder, 'bases-recovery') };
  return {
    ...commit,
    base: await crashedPond(crashed, 'landed', landing + 2),
    scratch: join(folder, 'recovery'),
    args: ['recover'],
  };
};
