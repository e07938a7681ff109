import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { every, PIER, PLAIN_CONFIG } from '../../factories/hydrovu/collecting.js';
import { fakeHydroVu, serveHydroVu } from '../../support/fake-hydrovu.js';
import { type BuiltPonds, run } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { askJson } from './asking.js';
import { plainPond } from './base-ponds.js';

const PATH = '/etc/schedule.d/10-noyo';
const WORK = ['work', '--once'];
/** The entry was made more than a year ago, so that the beginning of this year was missed, whenever this runs. */
const LONG_AGO = { POND_TEST_CLOCK: String(-400 * 86_400_000) };

/** A firing of a collector: it was due, `pond work --once` runs it, and it commits what a server says. */
export const firingScenario = async (
  ponds: BuiltPonds,
  folder: string,
): Promise<{ readonly scenario: Scenario; readonly close: () => Promise<void> }> => {
  const fake = fakeHydroVu({ clientSecret: 'a-secret-of-mine' });
  fake.addLocation(PIER, PIER);
  fake.addReadings(
    PIER,
    '1',
    '1',
    every(900, 50, (index) => index),
  );
  const server = await serveHydroVu(fake);
  const base = join(folder, 'base-firing');
  const pond = await plainPond(base);
  const config = { ...PLAIN_CONFIG, base_url: server.url, devices: [PLAIN_CONFIG.devices[0]] };
  const entry = JSON.stringify({ factory: 'hydrovu', schedule: '0 0 1 1 *', config });
  const made = await run(ponds.jumping, pond, ['mknod', 'hydrovu', PATH, '--config', entry], {
    env: LONG_AGO,
  });
  if (made.code !== 0) throw new Error(made.stderr);
  const env = { HYDRO_KEY_ID: 'me', HYDRO_KEY_VALUE: 'a-secret-of-mine' };
  return {
    close: server.close,
    scenario: {
      ponds,
      base,
      scratch: join(folder, 'firing'),
      args: WORK,
      codes: [0],
      furnish: async (copy) => {
        // A copy is another place, at which nothing fires: this one is taken for the pond itself.
        await rm(join(pondIn(copy), 'control/place.json'), { force: true });
        return env;
      },
      // An interrupted firing is a task: recovery runs it again, and it writes then.
      reruns: true,
      expected: { files: {}, writes: {}, txnSeq: 3, tasks: {} },
      andThen: async (copy) => {
        // Whoever works on it next takes up what the killed one has left.
        const again = await run(ponds.pond, pondIn(copy), WORK, { env });
        if (again.code !== 0) return [`work: exit code ${again.code}: ${again.stderr}`];
        return faultsOfFiring(pondIn(copy));
      },
    },
  };
};

/** There is one firing, it has completed, and it has made one commit. */
const faultsOfFiring = async (pond: string): Promise<readonly string[]> => {
  const { firings = [], transactions } = (await askJson(pond, 'control', '--limit', '1000')) as {
    readonly firings?: readonly {
      readonly firing: string;
      readonly tasks: readonly { readonly state: string }[];
    }[];
    readonly transactions: readonly {
      readonly status: string;
      readonly caused_by?: readonly { readonly firing?: string }[];
    }[];
  };
  const states = firings.map(({ tasks }) => tasks.map(({ state }) => state).join(' '));
  const commits = transactions.filter(
    ({ status, caused_by: causedBy = [] }) =>
      status === 'committed' && causedBy.some(({ firing }) => firing !== undefined),
  );
  return [
    ...(states.join() === 'completed' ? [] : [`firings: ${states.join()}`]),
    ...(commits.length === 1 ? [] : [`${commits.length} commits of a firing`]),
  ];
};
