import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { OTHERS_UNFINISHED, TELLS_ITSELF, TURNED } from './following-states.js';

/*
 * Where an end frees a task that its worker claims in the same transaction, nobody else has anything to do: in a chain each link would wake all workers,
 * for nothing. So a transaction that claims decides after that whether its ends are to be heard.
 */

/** Condition that is always true, and tells the trigger that this transaction tells of its ends itself. */
export const tellingItself = (isAsked: string): string =>
  `(NOT ${isAsked} OR set_config('${TELLS_ITSELF}', 'yes', TRUE) IS NOT NULL)`;

/** Condition that nobody has claimed a task of a path. */
const unclaimed = (task: string): string => `(
         SELECT 1 FROM claims WHERE claims.config_path = ${task}.config_path
           AND claims.token >= (SELECT token FROM unfinished_from) LIMIT 1) IS NULL`;

/** Condition that one of those that waited for what has ended may begin, and nobody has claimed it; one whose runner has died is started still. */
const IS_ANY_LEFT_WAITING = `(
       SELECT TRUE FROM json_to_recordset(ends) AS ended (parent_txn_seq BIGINT, execution_seq BIGINT)
       WHERE (
         SELECT TRUE FROM task_needs AS need
         WHERE need.parent_txn_seq = ended.parent_txn_seq AND need.needs = ended.execution_seq AND (
           SELECT waiting.state IN ('pending', 'started') AND waiting.needs_left = 0 AND ${unclaimed('waiting')} FROM task_states AS waiting
           WHERE waiting.parent_txn_seq = need.parent_txn_seq AND waiting.execution_seq = need.execution_seq) LIMIT 1) LIMIT 1)`;

/**
 * Function for a transaction that has recorded successful ends of a commit's tasks. With a time, it completes the commit, of which mostly something is left, as
 * `completeEnded` does. With ends, which are of a transaction that has claimed what it could, it tells of these unless nothing is left for others: of
 * what waited for them, of the next stage, of the places side by side, or of other commits. Even a question
 * that is not asked takes a while to begin: those are by themselves that mostly are not.
 */
export const AFTER_ENDS = `CREATE FUNCTION after_ends(
     commit_id TEXT, completed_at BIGINT, duration DOUBLE PRECISION, ends JSON, tasks BIGINT, is_only BOOLEAN,
     commit_seq BIGINT, last_seq BIGINT
   ) RETURNS VOID LANGUAGE plpgsql AS $after$
   DECLARE
     unfinished RECORD;
     is_left BOOLEAN;
     place RECORD;
   BEGIN
     SELECT (
         SELECT TRUE FROM task_states WHERE task_states.parent_txn_seq = commit_seq AND execution_seq < ${FIRST_OF_FIRINGS}
           AND state IN ('pending', 'started') LIMIT 1) AS here,
       (${OTHERS_UNFINISHED}) AS elsewhere
     INTO unfinished FROM (SELECT commit_seq AS parent_txn_seq) AS done;
     IF completed_at IS NOT NULL AND unfinished.here IS NULL THEN
       INSERT INTO control_table (txn_seq, txn_id, based_on_seq, record_type, transaction_type, timestamp, duration_ms)
       SELECT open.txn_seq, open.txn_id, open.based_on_seq, 'completed', open.transaction_type, completed_at,
         coalesce(duration, greatest(0, round((completed_at - open.started_at) / 1000.0)))
       FROM open_transactions AS open WHERE open.txn_id = commit_id AND open.data_committed = 1;
     END IF;
     IF ends IS NULL THEN RETURN; END IF;
     is_left := NOT is_only OR unfinished.elsewhere IS TRUE;
     IF NOT is_left AND unfinished.here AND current_setting('${TELLS_ITSELF}', TRUE) = '${TURNED}' THEN
       is_left := ${IS_ANY_LEFT_WAITING} IS TRUE;
     END IF;
     IF NOT is_left AND unfinished.here THEN
       SELECT task.txn_id, task.side_by_side, task.stage, (
           SELECT count(*) FROM claims
           WHERE claims.txn_id = task.txn_id AND token >= (SELECT token FROM unfinished_from)) AS claims, (
           SELECT next.stage FROM task_states AS next WHERE next.txn_id = task.txn_id AND next.state IN ('pending', 'started')
           ORDER BY next.stage LIMIT 1) AS coming
       INTO place FROM task_states AS task WHERE task.parent_txn_seq = commit_seq AND task.execution_seq = last_seq;
       is_left := (place.claims < place.side_by_side AND place.side_by_side <= place.claims + tasks) IS TRUE;
       IF NOT is_left AND place.coming > place.stage THEN
         is_left := (
           SELECT TRUE FROM task_states AS later WHERE later.txn_id = place.txn_id AND later.stage = place.coming
             AND later.state IN ('pending', 'started') AND ${unclaimed('later')} LIMIT 1) IS TRUE;
       END IF;
     END IF;
     IF is_left THEN PERFORM pg_notify(current_schema(), 'completed'); END IF;
   END $after$`;
