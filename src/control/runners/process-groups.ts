import * as t from 'io-ts';
import type { SqlRow } from '../../ports/sql-database.js';
import type { RecordedGroup } from '../claim.js';
import { ask, type ControlStore, decodeRow, type ReadRows, transact } from '../control-store.js';
import type { ControlTable } from '../control-table.js';
import { liveness, mustHold, readClaim } from './claim-rows.js';

/**
 * The process groups of tasks' children, so that another process can end what is left of them. A claim has one
 * group at a time: children of one attempt run one after the other.
 */
export const processGroups = (
  store: ControlStore,
): Pick<ControlTable, 'recordGroup' | 'groupsLeftBehind' | 'forgetGroup'> => ({
  recordGroup: (claim, { pgid, marker }, origin) =>
    transact(store, 'durable', (transaction) => {
      mustHold(transaction.all, claim);
      transaction.run(
        `INSERT OR REPLACE INTO process_groups (token, config_path, pgid, marker, origin)
         VALUES (@token, @config_path, @pgid, @marker, @origin)`,
        { token: claim.token, config_path: claim.configPath, pgid, marker, origin },
      );
    }),
  groupsLeftBehind: () =>
    ask(store, (read) => {
      const isLive = liveness(store);
      const busy = new Set(
        read('SELECT * FROM claims WHERE running = 1')
          .map(readClaim)
          .filter(({ runnerId }) => isLive(runnerId))
          .map(({ configPath }) => configPath),
      );
      return read(
        `SELECT ${store.version < 2 ? OLD_GROUP_COLUMNS : GROUP_COLUMNS} FROM process_groups ORDER BY token`,
      )
        .map(readGroup)
        .filter(({ configPath }) => !busy.has(configPath));
    }),
  forgetGroup: (token) =>
    transact(store, 'relaxed', (transaction) => {
      transaction.run('DELETE FROM process_groups WHERE token = @token', { token });
    }),
});

const GROUP_COLUMNS = 'token, config_path, pgid, marker, origin';
/** The columns in version 1 of the schema, which is read as it is. */
const OLD_GROUP_COLUMNS = 'token, config_path, pgid, marker, NULL AS origin';

const GroupRow = t.type({
  token: t.number,
  config_path: t.string,
  pgid: t.number,
  marker: t.string,
  origin: t.union([t.string, t.null]),
});

const readGroup = (row: SqlRow): RecordedGroup => {
  const { token, config_path, pgid, marker, origin } = decodeRow(GroupRow, row);
  return { token, configPath: config_path, group: { pgid, marker }, origin };
};

/** The oldest group that is recorded for a configuration path. */
export const groupLeftBehind = (read: ReadRows, configPath: string): RecordedGroup | null => {
  const [row] = read(
    `SELECT ${GROUP_COLUMNS} FROM process_groups WHERE config_path = @config_path ORDER BY token LIMIT 1`,
    { config_path: configPath },
  );
  return row === undefined ? null : readGroup(row);
};
