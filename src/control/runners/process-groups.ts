import * as t from 'io-ts';
import type { ProcessGroup } from '../../ports/processes.js';
import { type ControlStore, decodeRow, type ReadRows, transact } from '../control-store.js';
import type { ControlTable } from '../control-table.js';
import { mustHold } from './claim-rows.js';

/**
 * The process groups of tasks' children, so that another process can end what is left of them. A claim has one
 * group at a time: children of one attempt run one after the other.
 */
export const processGroups = (store: ControlStore): Pick<ControlTable, 'recordGroup' | 'forgetGroup'> => ({
  recordGroup: (claim, { pgid, marker }) =>
    transact(store, 'durable', (transaction) => {
      mustHold(transaction.all, claim);
      transaction.run(
        `INSERT OR REPLACE INTO process_groups (token, config_path, pgid, marker)
         VALUES (@token, @config_path, @pgid, @marker)`,
        { token: claim.token, config_path: claim.configPath, pgid, marker },
      );
    }),
  forgetGroup: (token) =>
    transact(store, 'relaxed', (transaction) => {
      transaction.run('DELETE FROM process_groups WHERE token = @token', { token });
    }),
});

const GroupRow = t.type({ token: t.number, pgid: t.number, marker: t.string });

/** The oldest group that is recorded for a configuration path. */
export const groupLeftBehind = (
  read: ReadRows,
  configPath: string,
): { readonly token: number; readonly group: ProcessGroup } | null => {
  const [row] = read(
    `SELECT token, pgid, marker FROM process_groups WHERE config_path = @config_path ORDER BY token LIMIT 1`,
    { config_path: configPath },
  );
  if (row === undefined) return null;
  const { token, pgid, marker } = decodeRow(GroupRow, row);
  return { token, group: { pgid, marker } };
};
