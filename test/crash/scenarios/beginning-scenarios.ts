import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import { RECOVER, type Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { addTasks, bytes, hostFile, plainPond, prepare } from './base-ponds.js';

/** The commands with which a pond, or its control table, begins. */
export interface BeginningScenarios {
  readonly init: Scenario;
  readonly rebuild: Scenario;
  /** The same where something unusable is in the control table's place, and is put aside. */
  readonly rebuildAside: Scenario;
}

export const beginningScenarios = async (ponds: BuiltPonds, folder: string): Promise<BeginningScenarios> => ({
  init: await initScenario(ponds, folder),
  rebuild: await rebuildScenario(ponds, folder, 'rebuild'),
  rebuildAside: await asideScenario(ponds, folder),
});

const isPond = (run: string) => existsSync(join(pondIn(run), 'data/_delta_log/00000000000000000000.json'));

const initScenario = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const base = join(folder, 'base-init');
  await mkdir(base);
  return {
    ponds,
    base,
    scratch: join(folder, 'init'),
    args: ['init'],
    codes: [0],
    expected: { files: {}, writes: {}, txnSeq: 1, tasks: {} },
    opens: isPond,
    rescue: (run) => [{ args: ['init'], codes: [isPond(run) ? 1 : 0] }, RECOVER],
  };
};

const SKIPPED = ['10-ok', '20-fail', '30-ok'].map((name) => [`/etc/system.d/${name}`, ['skipped']]);

const rebuildScenario = async (ponds: BuiltPonds, folder: string, name: string): Promise<Scenario> => {
  const base = join(folder, `base-${name}`);
  const pond = await plainPond(base);
  const old = await hostFile(join(folder, 'host'), 'old.bin', bytes(300, 1));
  await prepare(pond, ['copy', old.url, '/old.bin']);
  await addTasks(pond);
  await prepare(pond, ['copy', old.url, '/in/old.bin'], 3);
  await rm(join(pond, 'control'), { recursive: true });
  await rm(join(base, 'journal'));
  return {
    ponds,
    base,
    scratch: join(folder, name),
    args: ['rebuild-control'],
    codes: [0],
    expected: {
      files: { '/old.bin': old.content },
      writes: { '/in/old.bin': old.content },
      txnSeq: 6,
      tasks: Object.fromEntries(SKIPPED),
    },
    opens: () => false,
    rescue: () => [{ args: ['rebuild-control'], codes: [0] }, RECOVER],
  };
};

/** What is in the way of the control table, and may be of use to somebody. */
const REMAINS = 'no database';

const asideScenario = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const scenario = await rebuildScenario(ponds, folder, 'rebuild-aside');
  const control = join(pondIn(scenario.base), 'control');
  await mkdir(control);
  await writeFile(join(control, 'control.db'), REMAINS);
  return {
    ...scenario,
    andThen: async (run) => {
      const names = await readdir(join(pondIn(run), 'control'));
      const aside = names.filter((name) => name.includes('unusable'));
      const kept = await Promise.all(
        aside.map((name) => readFile(join(pondIn(run), 'control', name), 'latin1')),
      );
      return kept.includes(REMAINS) ? [] : ['the unusable table is lost'];
    },
  };
};
