import { createHash } from 'node:crypto';
import pg from 'pg';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { postgresServers } from '../../../src/adapters/postgres/postgres-server.js';
import type { ControlTable } from '../../../src/control/control-table.js';
import { openServerControl } from '../../../src/control/open-server-control.js';
import { schemaOf } from '../../../src/control/server/install-schema.js';
import { must } from '../steps.js';

/** Address of the PostgreSQL that the control table's guarantees are tried on; undefined: they are tried on SQLite. */
export const SERVER = process.env.POND_TEST_POSTGRES;

/** The pond whose control table stands for the one in a directory. */
export const pondOf = (directory: string): string => createHash('md5').update(directory).digest('hex');

/** The control table that stands for the one in a directory. */
export const openOnServer = async (address: string, directory: string): Promise<ControlTable> => {
  const pondId = pondOf(directory);
  const { table } = await must(
    openServerControl({ servers: postgresServers, clock: nodeClock, onLost: () => undefined })(
      address,
      pondId,
      {
        create: true,
      },
    ),
  );
  return afterAbandoned(table, address, pondId);
};

/** Runners that have been abandoned, by pond, until the server has noticed: a lock file notices at once. */
const abandoned = new Map<string, Promise<void>>();

/** A table whose methods wait until the server has noticed who was abandoned before. */
const afterAbandoned = (table: ControlTable, address: string, pondId: string): ControlTable => {
  const mine = new Set<string>();
  const noticed = (runnerIds: readonly string[]) => {
    const before = abandoned.get(pondId) ?? Promise.resolve();
    abandoned.set(
      pondId,
      before.then(() => untilUnlocked(address, pondId, runnerIds)),
    );
  };
  const own: Partial<ControlTable> = {
    beginRunner: (runner) => {
      mine.add(runner.runnerId);
      return async () => {
        await abandoned.get(pondId);
        return table.beginRunner(runner)();
      };
    },
    abandonRunner: (runnerId) => {
      table.abandonRunner(runnerId);
      mine.delete(runnerId);
      noticed([runnerId]);
    },
    close: () => {
      table.close();
      noticed([...mine]);
    },
    readOnly: table.readOnly,
    isOlder: table.isOlder,
  };
  return new Proxy(table, {
    get: (target, name) => {
      const key = name as keyof ControlTable;
      if (key in own || !(key in target)) return own[key];
      const method = target[key] as (...given: readonly unknown[]) => () => Promise<unknown>;
      return (...given: readonly unknown[]) =>
        async () => {
          await abandoned.get(pondId);
          return method(...given)();
        };
    },
  });
};

/** Waits until the server has noticed that the process of a runner was killed: a moment later than a lock on a file. */
export const untilNoticed = async (directory: string, runnerId: string): Promise<void> => {
  if (SERVER !== undefined) await untilUnlocked(SERVER, pondOf(directory), [runnerId]);
};

const untilUnlocked = async (
  address: string,
  pondId: string,
  runnerIds: readonly string[],
): Promise<void> => {
  const client = new pg.Client(address);
  await client.connect();
  try {
    for (const runnerId of runnerIds) {
      // Waits in the database for whoever holds it, and lets go.
      const key = `${schemaOf(pondId)} ${runnerId}`;
      await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [key]);
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key]);
    }
  } finally {
    await client.end();
  }
};
