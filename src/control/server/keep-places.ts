import type { KeptPlaces } from '../records/commit-record.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';

/** Keeps, beside new tasks that are pending already, what decides when each may be taken and by whom. */
export function* keepPlaces(
  transaction: ControlTransaction,
  parentTxnSeq: number,
  { places, setup }: KeptPlaces,
): Coroutine<void> {
  if (places.length === 0) return;
  const rows = places.map(({ executionSeq, stage, sideBySide, queue, host }) => ({
    execution_seq: executionSeq,
    stage,
    side_by_side: sideBySide,
    queue,
    host,
  }));
  yield* transaction.run(PLACES, { parent_txn_seq: parentTxnSeq, places: JSON.stringify(rows), setup });
  const needs = places.flatMap(({ executionSeq, needs: needed }) =>
    needed.map((one) => ({ execution_seq: executionSeq, needs: one })),
  );
  if (needs.length === 0) return;
  yield* transaction.run(NEEDS, { parent_txn_seq: parentTxnSeq, needs: JSON.stringify(needs) });
  yield* transaction.run(COUNTED, {
    parent_txn_seq: parentTxnSeq,
    seqs: JSON.stringify(places.map(({ executionSeq }) => executionSeq)),
  });
}

const PLACES = `UPDATE task_states
  SET stage = place.stage, side_by_side = place.side_by_side, queue = place.queue, host = place.host,
    setup = @setup
  FROM json_to_recordset(@places::json)
    AS place (execution_seq BIGINT, stage INTEGER, side_by_side INTEGER, queue TEXT, host TEXT)
  WHERE task_states.parent_txn_seq = @parent_txn_seq AND task_states.execution_seq = place.execution_seq`;

const NEEDS = `INSERT INTO task_needs (parent_txn_seq, execution_seq, needs)
  SELECT @parent_txn_seq::bigint, need.execution_seq, need.needs
  FROM json_to_recordset(@needs::json) AS need (execution_seq BIGINT, needs BIGINT)
  ON CONFLICT DO NOTHING`;

/** Nothing of these tasks has begun: each waits for all that it needs. Others after the same commit may have. */
const COUNTED = `UPDATE task_states SET needs_left = counted.needs_left
  FROM (SELECT execution_seq, count(*) AS needs_left FROM task_needs
        WHERE parent_txn_seq = @parent_txn_seq AND execution_seq IN (SELECT value FROM json_each(@seqs))
        GROUP BY execution_seq) AS counted
  WHERE task_states.parent_txn_seq = @parent_txn_seq AND task_states.execution_seq = counted.execution_seq`;
