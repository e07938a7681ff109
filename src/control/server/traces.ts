import type { ClaimOrder } from '../fleet-table.js';
import type { AttemptRecord } from '../records/attempt-record.js';
import type { Question } from '../store/control-transaction.js';

/**
 * Question about what a transaction leaves that records attempts and claims tasks: one of the records, under its claim's token, or a claim of the
 * worker's that this process knows nothing of. One that somebody else has made for it is taken for its own, after which the worker gives itself up: safe,
 * and as rare as both together.
 */
export const tracesOf = (
  records: readonly AttemptRecord[],
  claiming: { readonly worker: ClaimOrder['worker']; readonly held: readonly number[] } | null,
): Question => [
  TRACES,
  {
    records: JSON.stringify(
      records.map(({ _tag, claim }) => ({
        txn_id: claim.txnId,
        execution_seq: claim.executionSeq,
        token: claim.token,
        runner_id: claim.runnerId,
        record_type: _tag === 'Started' ? 'post_commit_started' : 'post_commit_completed',
      })),
    ),
    runner_id: claiming?.worker.runnerId ?? null,
    held: JSON.stringify([...(claiming?.held ?? []), ...records.map(({ claim }) => claim.token)]),
  },
];

const TRACES = `SELECT 1 WHERE EXISTS (
    SELECT 1 FROM json_to_recordset(@records::json) AS asked (txn_id TEXT, execution_seq BIGINT, token BIGINT,
      runner_id TEXT, record_type TEXT)
    JOIN control_table AS found ON found.txn_id = asked.txn_id AND found.execution_seq = asked.execution_seq
      AND found.token = asked.token AND found.runner_id = asked.runner_id AND found.record_type = asked.record_type)
  OR EXISTS (
    SELECT 1 FROM claims WHERE runner_id = @runner_id AND token >= (SELECT token FROM unfinished_from)
      AND token NOT IN (SELECT value::bigint FROM json_array_elements_text(@held::json) AS value))`;
