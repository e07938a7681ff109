import * as t from 'io-ts';
import type { ReadyTask } from '../records/untaken-tasks.js';
import { decodeRow } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { jsonText } from '../store/json-text.js';
import { taskIn } from '../tasks/task-records.js';
import { ALL_OF_COMMIT, STAGE_HAS_COME } from './ready-tasks.js';

/** Tasks at most that are looked at for whether anybody takes them. */
const LOOKED_AT = 1_000;

const text = t.union([t.string, t.null]);

const ReadyTaskRow = t.type({
  config_path: t.string,
  queue: text,
  host: text,
  refusals: jsonText(t.array(t.type({ runnerId: t.string, reason: t.string }))),
});

/** Ready tasks that nobody holds, the oldest first, with the reasons of those that have refused them. */
export function* unclaimedTasks(read: ReadRows, now: number): Coroutine<readonly ReadyTask[]> {
  const rows = yield* read(
    `SELECT parent_txn_seq, execution_seq, txn_id, config_path, queue, host,
       coalesce((
         SELECT json_agg(json_build_object('runnerId', runner_id, 'reason', reason) ORDER BY refused_at)
         FROM refusals WHERE refusals.parent_txn_seq = task.parent_txn_seq
           AND (refusals.execution_seq = task.execution_seq OR ${ALL_OF_COMMIT})), '[]')::text AS refusals
     FROM task_states AS task
     WHERE state IN ('pending', 'started') AND needs_left = 0 AND (not_before IS NULL OR not_before <= @now)
       AND ${STAGE_HAS_COME}
       AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.parent_txn_seq = task.parent_txn_seq
                       AND claims.execution_seq = task.execution_seq)
     ORDER BY parent_txn_seq, execution_seq LIMIT @limit`,
    { now, limit: LOOKED_AT },
  );
  return rows.map((row) => {
    const { config_path: configPath, queue, host, refusals } = decodeRow(ReadyTaskRow, row);
    return { ...taskIn(row), configPath, queue, host, refusals };
  });
}
