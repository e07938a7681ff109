// The guarantees of the control table, which the unit tests hold SQLite to, and workers that are killed, on a PostgreSQL that is started for it.
import { spawnSync } from 'node:child_process';
import { startPostgres } from '../support/postgres.mjs';
import { tryChaos } from './fleet/chaos.mjs';
import { tryTable } from './fleet/fleet-table.mjs';
import { tryOneWorker } from './fleet/one-worker.mjs';
import { tryWorkers } from './fleet-workers.mjs';

const root = new URL('../..', import.meta.url).pathname;

/** Tests of which each opens control tables by `test/control/steps.ts`. */
const FILES = [
  ...['attempts', 'failing', 'attempts-together', 'claims', 'gone-commits', 'transactions', 'outputs'].map(
    (name) => `test/control/${name}.test.ts`,
  ),
  ...[
    'on-server',
    'following-states',
    'unfinished-from',
    'server-migration',
    'lost-answers',
    'asked-at-once',
    'fleet',
  ].map((name) => `test/control/server/${name}.test.ts`),
  'property-tests/control-runners.test.ts',
  'test/shared/machines.test.ts',
  'test/shared/workers-killed.test.ts',
  'test/shared/unwilling-database.test.ts',
  'test/shared/set-up-alike.test.ts',
  'test/shared/asked-of-the-database.test.ts',
];

/** Runs them, and a fleet in trouble for so many minutes; false where there is no PostgreSQL, which is said. */
export const compareFleet = async (checks, trouble) => {
  const postgres = await startPostgres();
  if (postgres === null) {
    console.log('NOT TRIED: the control table on PostgreSQL');
    return false;
  }
  try {
    const address = postgres.url('postgres');
    const env = {
      ...process.env,
      POND_TEST_POSTGRES: address,
      // An address that has a password is nobody's for the product.
      PGPASSWORD: new URL(address).password,
      POND_TEST_RUNS: '10',
    };
    for (const file of FILES) {
      const { status, stdout, stderr } = spawnSync('npx', ['vitest', 'run', '--maxWorkers=1', file], {
        cwd: root,
        encoding: 'utf8',
        env,
      });
      checks.check(`on PostgreSQL: ${file}`, status, 0);
      if (status !== 0) console.log(`${stdout}${stderr}`);
    }
    await tryOneWorker(checks, postgres.url('postgres'));
    await tryWorkers(checks, postgres.url('postgres'));
    await tryChaos(checks, trouble);
    return true;
  } finally {
    await postgres.stop();
  }
};

/** Lets other engines at the table of a shared pond; false where there is no PostgreSQL, which is said. */
export const compareFleetTable = async (checks, pythonWith) => {
  const postgres = await startPostgres();
  if (postgres === null) {
    console.log('NOT TRIED: the table of a pond that machines share, beside other engines');
    return false;
  }
  try {
    await tryTable(checks, postgres.url('postgres'), pythonWith);
    return true;
  } finally {
    await postgres.stop();
  }
};
