import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { crashedPond, learnSteps, type Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';

/** `pond recover` of a commit that has landed and is not recorded yet, so that all of it is still to be done. */
export const recoveryScenario = async (commit: Scenario, folder: string): Promise<Scenario> => {
  const steps = await learnSteps(commit);
  const landing = steps.findIndex((step) => /^link .*_delta_log/.test(step));
  if (landing < 0) throw new Error(`it never lands: ${steps.join(', ')}`);
  const crashed = { ...commit, scratch: join(folder, 'bases-recovery') };
  const base = await crashedPond(crashed, 'landed', landing + 2);
  forgetRunners(base);
  return {
    ...commit,
    base,
    scratch: join(folder, 'recovery'),
    args: ['recover'],
  };
};

/** Removes the runner that was killed, which has claimed nothing yet: in a copy of the pond it would be one of elsewhere. */
const forgetRunners = (base: string): void => {
  const control = join(pondIn(base), 'control');
  const database = new Database(join(control, 'control.db'));
  database.exec('DELETE FROM runners');
  database.close();
  rmSync(join(control, 'runners'), { recursive: true, force: true });
};
