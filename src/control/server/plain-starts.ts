import * as t from 'io-ts';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { StartOutcome } from '../records/claim.js';
import { decodeRow } from '../store/control-store.js';
import { jsonText, jsonValue } from '../store/json-text.js';

/*
 * What makes the start of an attempt a plain one, and what is told with it: for attempts that are asked for, and for those that begin with
 * their claims.
 */

/** The claim of what is asked for, and its task; looked up one by one, since few are asked for, and the tables may be large. */
export const HELD_TASK = `JOIN LATERAL (
      SELECT running, runner_id FROM claims WHERE claims.parent_txn_seq = asked.parent_txn_seq
        AND claims.execution_seq = asked.execution_seq AND claims.token = asked.token
        AND claims.runner_id = asked.holder LIMIT 1) AS held ON TRUE
    JOIN LATERAL (
      SELECT * FROM task_states WHERE task_states.parent_txn_seq = asked.parent_txn_seq
        AND task_states.execution_seq = asked.execution_seq LIMIT 1) AS task ON TRUE`;

/** Outcome of the newest earlier task of an entry that came to anything. */
const PREVIOUS = `(
  SELECT CASE WHEN earlier.state = 'completed' OR earlier.skip_cause = 'superseded' THEN 'completed' ELSE 'failed' END
  FROM task_states AS earlier WHERE earlier.config_path = needed.config_path
    AND earlier.state NOT IN ('pending', 'started')
    AND (earlier.state <> 'skipped' OR earlier.skip_cause IN ('superseded', 'dependency'))
    AND earlier.parent_txn_seq <= needed.parent_txn_seq
    AND (earlier.parent_txn_seq < needed.parent_txn_seq OR earlier.execution_seq < needed.execution_seq)
  ORDER BY earlier.parent_txn_seq DESC, earlier.execution_seq DESC LIMIT 1)`;

/** It has not begun before, nothing that was started for its path is left, and nothing later of its path has ended. */
export const IS_FIRST = `task.state = 'pending' AND task.attempts = 0 AND NOT task.reopened
      AND NOT EXISTS (SELECT 1 FROM process_groups WHERE process_groups.config_path = task.config_path)
      AND NOT EXISTS (
        SELECT 1 FROM task_states AS later WHERE later.config_path = task.config_path
          AND later.state NOT IN ('pending', 'started') AND later.parent_txn_seq >= task.parent_txn_seq
          AND (later.parent_txn_seq > task.parent_txn_seq OR later.execution_seq > task.execution_seq))`;

/**
 * One row about what a task waits for: whether all of it has completed, whether any of it had not the time before, and values that the task is told of it.
 * `needs`: a query of their `execution_seq`.
 */
export const waitsOf = (task: string, needs: string): string => `
      SELECT bool_and(needed.state IS NOT DISTINCT FROM 'completed') IS NOT FALSE AS needs_completed,
        bool_or(needed.previous = 'failed') IS TRUE AS any_failed_before,
        (json_agg(json_build_object('execution_seq', needed.execution_seq, 'config_path', needed.config_path,
          'previous', needed.previous, 'report', needed.report) ORDER BY needed.execution_seq)
          FILTER (WHERE needed.state IS NOT NULL))::text AS told
      FROM (${needs}) AS need (needs)
      LEFT JOIN LATERAL (
        SELECT needed.*, ${PREVIOUS} AS previous, (
          SELECT report FROM control_table AS ended WHERE ended.txn_id = needed.txn_id
            AND ended.execution_seq = needed.execution_seq AND ended.record_type = 'post_commit_completed'
          ORDER BY ended.record_id DESC LIMIT 1) AS report
        FROM task_states AS needed WHERE needed.parent_txn_seq = ${task}.parent_txn_seq
          AND needed.execution_seq = need.needs LIMIT 1) AS needed ON TRUE`;

/** Tells whether nothing was committed inside of tasks since a task's commit. */
export const nothingDerived = (task: string): string => `(
    SELECT 1 FROM control_table AS derived WHERE derived.caused_by IS NOT NULL
      AND derived.txn_seq > ${task}.parent_txn_seq LIMIT 1) IS NULL AS nothing_derived`;

const asked = (row: string): string =>
  `SELECT need::bigint FROM json_array_elements_text(${row}.needs) AS need`;

/** Starts those of what is asked for that are plain. */
export const START = `WITH plain AS (
    SELECT asked.*, task.txn_id, task.factory_name, task.config_path, held.runner_id, waits.told
    FROM json_to_recordset(@asked::json) AS asked (
      place INTEGER, token BIGINT, holder TEXT, parent_txn_seq BIGINT, execution_seq BIGINT, at BIGINT, config_txn_seq BIGINT,
      trace_parent TEXT, needs JSON)
    ${HELD_TASK}
    CROSS JOIN LATERAL (${waitsOf('task', asked('asked'))}) AS waits
    WHERE needs_completed AND NOT any_failed_before AND ${IS_FIRST}
      AND NOT EXISTS (
        SELECT 1 FROM claims AS other WHERE other.config_path = task.config_path AND other.token <> asked.token
          AND (other.running = 1 OR other.parent_txn_seq < task.parent_txn_seq
               OR other.parent_txn_seq = task.parent_txn_seq AND other.execution_seq < task.execution_seq))),
  recorded AS (
    INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp, parent_txn_seq, execution_seq,
      factory_name, config_path, attempt, trace_parent, config_txn_seq, token, runner_id)
    SELECT parent_txn_seq, txn_id, 'post_commit_started', 'post_commit', at, parent_txn_seq, execution_seq,
      factory_name, config_path, 1, trace_parent, config_txn_seq, token, runner_id FROM plain ORDER BY place)
  UPDATE claims SET running = 1, left_by_other = 0 FROM plain WHERE claims.token = plain.token
  RETURNING plain.place, plain.parent_txn_seq, plain.told, ${nothingDerived('plain')}`;

const Told = t.type({
  execution_seq: t.number,
  config_path: t.string,
  previous: t.union([t.null, t.literal('completed')]),
  report: t.union([t.null, jsonText(jsonValue)]),
});

const StartedRow = t.type({
  parent_txn_seq: t.number,
  told: t.union([t.null, jsonText(t.array(Told))]),
  nothing_derived: t.boolean,
});

/** Outcome of a start that a row tells of. */
export const startedIn = (row: SqlRow): Extract<StartOutcome, { readonly _tag: 'Started' }> => {
  const {
    parent_txn_seq: parentTxnSeq,
    told: tasks,
    nothing_derived: nothingDerived,
  } = decodeRow(StartedRow, row);
  return {
    _tag: 'Started',
    attempt: 1,
    supersededBy: null,
    outcomes: tasks === null ? [] : tasks.map((one) => toldOf(parentTxnSeq, one)),
    nothingDerived,
  };
};

/** Outcome of a task that a started one waited for: it has completed, and did the time before. */
const toldOf = (
  parentTxnSeq: number,
  { execution_seq: executionSeq, config_path: configPath, previous, report }: t.TypeOf<typeof Told>,
): TaskOutcome => ({
  task: printTaskId({ parentTxnSeq, executionSeq }),
  configPath,
  state: 'completed',
  countsAs: 'completed',
  error: null,
  previousState: previous,
  failingSince: null,
  report,
  notice: null,
});
