import { join } from 'node:path';
import { BEGIN, every, PIER, PLAIN_CONFIG, WELL } from '../../factories/hydrovu/collecting.js';
import { fakeHydroVu, serveHydroVu } from '../../support/fake-hydrovu.js';
import { type BuiltPonds, run } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { ask } from './asking.js';
import { plainPond, prepare } from './base-ponds.js';

const ROWS = 200;
const COLLECT = ['run', '/etc/hydrovu.d/noyo', 'collect'];

/** A run that collects two devices from a server, which serves as long as `close` has not been called. */
export const collectingScenario = async (
  ponds: BuiltPonds,
  folder: string,
): Promise<{ readonly scenario: Scenario; readonly close: () => Promise<void> }> => {
  const fake = fakeHydroVu({ clientSecret: 'a-secret-of-mine' });
  for (const id of [PIER, WELL]) {
    fake.addLocation(id, id);
    fake.addReadings(
      id,
      '1',
      '1',
      every(900, ROWS, (index) => index),
    );
  }
  const server = await serveHydroVu(fake);
  const base = join(folder, 'base-collecting');
  const pond = await plainPond(base);
  const config = { ...PLAIN_CONFIG, base_url: server.url };
  await prepare(pond, ['mknod', 'hydrovu', '/etc/hydrovu.d/noyo', '--config', JSON.stringify(config)]);
  const env = { HYDRO_KEY_ID: 'me', HYDRO_KEY_VALUE: 'a-secret-of-mine' };
  return {
    close: server.close,
    scenario: {
      ponds,
      base,
      scratch: join(folder, 'collecting'),
      args: COLLECT,
      codes: [0],
      furnish: () => Promise.resolve(env),
      expected: { files: {}, writes: {}, txnSeq: 3, tasks: {} },
      andThen: async (copy) => {
        // Cron comes again.
        const again = await run(ponds.pond, pondIn(copy), COLLECT, { env });
        if (again.code !== 0) return [`collect: exit code ${again.code}: ${again.stderr}`];
        return (
          await Promise.all([faultsOfRows(copy, PIER, 'pier'), faultsOfRows(copy, WELL, 'well')])
        ).flat();
      },
    },
  };
};

/** Every reading is there once. */
const faultsOfRows = async (folder: string, id: string, name: string): Promise<readonly string[]> => {
  const sql = `SELECT count(*) AS rows, count(DISTINCT timestamp) AS times, CAST(epoch(max(timestamp)) AS BIGINT) AS newest FROM '/hydrovu/devices/${id}/${name}_active.series'`;
  const { out, err } = await ask(pondIn(folder), 'sql', sql, '--format', 'csv');
  const found = out.toString().trim().split('\n').at(-1);
  const expected = `${ROWS},${ROWS},${BEGIN + 900 * (ROWS - 1)}`;
  return found === expected ? [] : [`${name} has ${found}, not ${expected}: ${err}`];
};
