import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { OTHERS_UNFINISHED, TELLS_ITSELF } from './following-states.js';

/*
 * Where an end frees a task that its worker claims in the same transaction, nobody else has anything to do: in a chain each link would wake all workers,
 * for nothing. So a transaction that claims decides after that whether its ends are to be heard.
 */

/** Tells whether nobody has claimed a task of a path. */
const unclaimed = (task: string): string => `(
             SELECT 1 FROM claims WHERE claims.config_path = ${task}.config_path
               AND claims.token >= (SELECT token FROM unfinished_from) LIMIT 1) IS NULL`;

/**
 * Tells whether anybody else may begin something because these tasks have completed, once what could be claimed has been: others than their commit have tasks, or
 * something is left of what waited for them, of the next stage, or of the places side by side.
 */
const LEAVES = `(
       SELECT done.commits > 1 OR ${OTHERS_UNFINISHED}
         OR (
           SELECT TRUE FROM json_to_recordset(ends) AS ended (parent_txn_seq BIGINT, execution_seq BIGINT)
           WHERE (
             SELECT TRUE FROM task_needs AS need
             WHERE need.parent_txn_seq = ended.parent_txn_seq AND need.needs = ended.execution_seq AND (
               SELECT waiting.state = 'pending' AND waiting.needs_left = 0 AND ${unclaimed('waiting')} FROM task_states AS waiting
               WHERE waiting.parent_txn_seq = need.parent_txn_seq AND waiting.execution_seq = need.execution_seq) LIMIT 1) LIMIT 1)
         OR (
           SELECT claimed.claims < task.side_by_side AND task.side_by_side <= claimed.claims + done.tasks
             OR (
               SELECT TRUE FROM (
                 SELECT next.stage FROM task_states AS next WHERE next.txn_id = task.txn_id AND next.state IN ('pending', 'started')
                 ORDER BY next.stage LIMIT 1) AS coming
               WHERE coming.stage > task.stage AND (
                 SELECT TRUE FROM task_states AS later WHERE later.txn_id = task.txn_id AND later.stage = coming.stage
                   AND later.state IN ('pending', 'started') AND later.state = 'pending' AND ${unclaimed('later')} LIMIT 1))
           FROM task_states AS task, LATERAL (
             SELECT count(*) AS claims FROM claims
             WHERE claims.txn_id = task.txn_id AND token >= (SELECT token FROM unfinished_from)) AS claimed
           WHERE task.parent_txn_seq = done.parent_txn_seq AND task.execution_seq = done.execution_seq LIMIT 1)
       FROM (
         SELECT count(DISTINCT task.txn_id) AS commits, count(*) AS tasks, max(task.parent_txn_seq) AS parent_txn_seq,
           max(task.execution_seq) AS execution_seq
         FROM json_to_recordset(ends) AS ended (parent_txn_seq BIGINT, execution_seq BIGINT)
         JOIN task_states AS task ON task.parent_txn_seq = ended.parent_txn_seq AND task.execution_seq = ended.execution_seq
       ) AS done) IS TRUE`;

/** Condition that is always true, and tells the trigger that this transaction tells of its ends itself. */
export const tellingItself = (isAsked: string): string =>
  `(NOT ${isAsked} OR set_config('${TELLS_ITSELF}', 'yes', TRUE) IS NOT NULL)`;

/** Commits of which a transaction may have ended the last task, each with the time, none of whose tasks is left. */
const ENDED_COMMITS = `json_to_recordset(commits) AS asked (txn_id TEXT, at BIGINT, duration_ms DOUBLE PRECISION)
       JOIN open_transactions AS open ON open.txn_id = asked.txn_id
       WHERE open.data_committed = 1 AND (
         SELECT 1 FROM task_states WHERE task_states.parent_txn_seq = open.txn_seq
           AND execution_seq < ${FIRST_OF_FIRINGS} AND state IN ('pending', 'started') LIMIT 1) IS NULL`;

/**
 * Function for a transaction that has recorded successful ends: it completes their commits, of which mostly something is left, as `completeEnded` does one; and
 * where it has claimed tasks, too, it tells of these ends itself, unless nothing is left for others.
 */
export const AFTER_ENDS = `CREATE FUNCTION after_ends(commits JSON, ends JSON) RETURNS VOID LANGUAGE plpgsql AS $after$
   BEGIN
     IF EXISTS (SELECT 1 FROM ${ENDED_COMMITS}) THEN
       INSERT INTO control_table (txn_seq, txn_id, based_on_seq, record_type, transaction_type, timestamp, duration_ms)
       SELECT open.txn_seq, open.txn_id, open.based_on_seq, 'completed', open.transaction_type, asked.at,
         coalesce(asked.duration_ms, greatest(0, round((asked.at - open.started_at) / 1000.0)))
       FROM ${ENDED_COMMITS};
     END IF;
     IF ends IS NOT NULL AND ${LEAVES} THEN PERFORM pg_notify(current_schema(), 'completed'); END IF;
   END $after$`;
