import * as t from 'io-ts';
import type { SqlRow } from '../../ports/sql-database.js';
import type { RecordedGroup } from '../records/claim.js';
import type { RunnerMethods } from '../runner-methods.js';
import { ask, type ControlStore, decodeRow, transact } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { mustHold, readClaim } from './claim-rows.js';

/**
 * The process groups of tasks' children, so that another process can end what is left of them. A claim has one
 * group at a time: children of one attempt run one after the other.
 */
export const processGroups = (
  store: ControlStore,
): Pick<RunnerMethods, 'recordGroup' | 'groupsLeftBehind' | 'forgetGroup'> => ({
  recordGroup: (claim, { pgid, marker }, origin) =>
    transact(store, 'durable', function* (transaction) {
      yield* mustHold(transaction.all, claim);
      yield* transaction.run(
        `INSERT INTO process_groups (token, config_path, pgid, marker, origin)
         VALUES (@token, @config_path, @pgid, @marker, @origin)
         ON CONFLICT (token) DO UPDATE SET config_path = excluded.config_path, pgid = excluded.pgid,
           marker = excluded.marker, origin = excluded.origin`,
        { token: claim.token, config_path: claim.configPath, pgid, marker, origin },
      );
    }),
  groupsLeftBehind: () =>
    ask(store, function* (read) {
      const isLive = store.signs.liveness(read);
      const busy = new Set<string>();
      for (const row of yield* read('SELECT * FROM claims WHERE running = 1')) {
        const { runnerId, configPath } = readClaim(row);
        if (yield* isLive(runnerId)) busy.add(configPath);
      }
      const groups = yield* read(
        `SELECT ${store.version < 2 ? OLD_GROUP_COLUMNS : GROUP_COLUMNS} FROM process_groups ORDER BY token`,
      );
      return groups.map(readGroup).filter(({ configPath }) => !busy.has(configPath));
    }),
  forgetGroup: (token) =>
    transact(store, 'relaxed', function* (transaction) {
      yield* transaction.run('DELETE FROM process_groups WHERE token = @token', { token });
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
export function* groupLeftBehind(read: ReadRows, configPath: string): Coroutine<RecordedGroup | null> {
  const [row] = yield* read(
    `SELECT ${GROUP_COLUMNS} FROM process_groups WHERE config_path = @config_path ORDER BY token LIMIT 1`,
    { config_path: configPath },
  );
  return row === undefined ? null : readGroup(row);
}
