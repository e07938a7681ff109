import * as t from 'io-ts';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { AttemptOutcome, AttemptRecord } from '../attempt-record.js';
import { decodeRow, type RecordedPlain } from '../control-store.js';
import type { ControlTransaction, Question } from '../control-transaction.js';
import type { Coroutine } from '../coroutine.js';
import type { ClaimOrder } from '../fleet-table.js';
import { jsonText, jsonValue } from '../json-text.js';
import { claimQuestion, claimsIn, isAllOfReady } from './ready-tasks.js';

/*
 * Over a network it counts how often the database is asked. Most attempts are plain: the first one of a task that has not been asked for
 * again, of whose path nothing else is claimed before, all that it waits for has completed and did so before; and its successful end. Whether that is so is
 * decided by the statement that records them, all of a batch at once; whatever it leaves out is recorded by itself, with all its rules. What
 * plain ones come to is the same in both ways: the suites of guarantees run over this one, too.
 */

export function* recordPlain(
  transaction: ControlTransaction,
  records: readonly AttemptRecord[],
  order: ClaimOrder | null,
): Coroutine<RecordedPlain> {
  const ends = plainEnds(records);
  const wanted =
    order?.wanted(records.flatMap(({ _tag, claim }) => (_tag === 'Started' ? [] : [claim]))) ?? 0;
  // An end frees its path, and what waits for it: what may begin after it, and only then, is found by the statements after it.
  const asked = [
    asking('ended', END, ends),
    asking('completed', COMPLETE, ends.length === 0 ? [] : endedCommits(records)),
    ...(order === null || wanted <= 0
      ? []
      : [{ about: 'claims', question: claimQuestion(order.worker, { limit: wanted, now: order.now() }) }]),
    asking('started', START, plainStarts(records)),
  ].filter((one) => one !== null);
  const answers = yield* transaction.lastOf(asked.map(({ question }) => question));
  const answerTo = (about: string) => answers[asked.findIndex((one) => one.about === about)] ?? [];
  const outcomes: (AttemptOutcome | null)[] = records.map(() => null);
  for (const row of answerTo('ended')) outcomes[decodeRow(EndedRow, row).place] = { _tag: 'Recorded' };
  for (const row of answerTo('started')) {
    const {
      place,
      parent_txn_seq: parentTxnSeq,
      told,
      nothing_derived: nothingDerived,
    } = decodeRow(StartedRow, row);
    outcomes[place] = {
      _tag: 'Started',
      attempt: 1,
      supersededBy: null,
      outcomes: told === null ? [] : told.map((one) => toldOf(parentTxnSeq, one)),
      nothingDerived,
    };
  }
  const rows = answerTo('claims');
  const isAll =
    rows.length < wanted &&
    isAllOfReady(rows) &&
    records.every(({ _tag }, place) => _tag === 'Started' || outcomes[place] !== null);
  return { outcomes, claims: claimsIn(rows), isAll };
}

/** A question about these rows; none where there are none. */
const asking = (
  about: string,
  statement: string,
  rows: readonly object[],
): { readonly about: string; readonly question: Question } | null =>
  rows.length === 0 ? null : { about, question: [statement, { asked: JSON.stringify(rows) }] };

const plainEnds = (records: readonly AttemptRecord[]) =>
  records.flatMap((record, place) => {
    if (record._tag !== 'Completed' || record.claim.executionSeq >= FIRST_OF_FIRINGS) return [];
    const { claim, end } = record;
    return [
      {
        place,
        token: claim.token,
        parent_txn_seq: claim.parentTxnSeq,
        execution_seq: claim.executionSeq,
        attempt: end.attempt,
        at: end.timestamp,
        duration_ms: end.durationMs,
        is_watched: (end.watchedBy ?? []).length > 0,
        report: end.report == null ? null : JSON.stringify(end.report),
      },
    ];
  });

/** Commits that may have ended with these attempts, once each. */
const endedCommits = (records: readonly AttemptRecord[]) => {
  const commits = new Map<string, object>();
  for (const record of records) {
    if (record._tag !== 'Completed' || record.end.commitDurationMs === undefined) continue;
    const { timestamp, commitDurationMs } = record.end;
    const { txnId } = record.claim;
    commits.set(txnId, { txn_id: txnId, at: timestamp, duration_ms: commitDurationMs });
  }
  return [...commits.values()];
};

const plainStarts = (records: readonly AttemptRecord[]) =>
  records.flatMap((record, place) => {
    if (record._tag !== 'Started' || record.claim.executionSeq >= FIRST_OF_FIRINGS) return [];
    const { claim, attempt } = record;
    if ((attempt.conditions?.runWhen ?? 'success') !== 'success') return [];
    return [
      {
        place,
        token: claim.token,
        parent_txn_seq: claim.parentTxnSeq,
        execution_seq: claim.executionSeq,
        at: attempt.timestamp,
        config_txn_seq: attempt.configTxnSeq,
        trace_parent: attempt.traceParent,
        needs: attempt.conditions?.waitsFor ?? [],
      },
    ];
  });

const EndedRow = t.type({ place: t.number });

/** The claim of what is asked for, and its task; looked up one by one, since few are asked for, and the tables may be large. */
const HELD_TASK = `JOIN LATERAL (
      SELECT running, runner_id FROM claims WHERE claims.parent_txn_seq = asked.parent_txn_seq
        AND claims.execution_seq = asked.execution_seq AND claims.token = asked.token LIMIT 1) AS held ON TRUE
    JOIN LATERAL (
      SELECT * FROM task_states WHERE task_states.parent_txn_seq = asked.parent_txn_seq
        AND task_states.execution_seq = asked.execution_seq LIMIT 1) AS task ON TRUE`;

/** The records say themselves under which claims they were made: by then these may be gone. */
const END = `WITH plain AS (
    SELECT asked.*, task.txn_id, task.factory_name, task.config_path, task.config_txn_seq,
      held.runner_id
    FROM json_to_recordset(@asked::json) AS asked (
      place INTEGER, token BIGINT, parent_txn_seq BIGINT, execution_seq BIGINT, attempt BIGINT, at BIGINT,
      duration_ms DOUBLE PRECISION, is_watched BOOLEAN, report TEXT)
    ${HELD_TASK}
    WHERE held.running = 1 AND task.state = 'started' AND task.attempts = asked.attempt AND NOT (task.reopened AND asked.is_watched)
      AND NOT EXISTS (SELECT 1 FROM episodes WHERE telling_txn_seq = task.parent_txn_seq
                      AND telling_execution_seq = task.execution_seq)),
  recorded AS (
    INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp, duration_ms, parent_txn_seq,
      execution_seq, factory_name, config_path, attempt, config_txn_seq, report, token, runner_id)
    SELECT parent_txn_seq, txn_id, 'post_commit_completed', 'post_commit', at, duration_ms, parent_txn_seq,
      execution_seq, factory_name, config_path, attempt, config_txn_seq, report, token, runner_id FROM plain ORDER BY place),
  groups AS (DELETE FROM process_groups USING plain WHERE process_groups.token = plain.token)
  DELETE FROM claims USING plain WHERE claims.token = plain.token
  RETURNING plain.place`;

/** Completes several commits of which no task is left, as `completeEnded` does one. */
const COMPLETE = `INSERT INTO control_table (txn_seq, txn_id, based_on_seq, record_type, transaction_type, timestamp, duration_ms)
  SELECT open.txn_seq, open.txn_id, open.based_on_seq, 'completed', open.transaction_type, asked.at,
    coalesce(asked.duration_ms, greatest(0, round((asked.at - open.started_at) / 1000.0)))
  FROM json_to_recordset(@asked::json) AS asked (txn_id TEXT, at BIGINT, duration_ms DOUBLE PRECISION)
  JOIN open_transactions AS open ON open.txn_id = asked.txn_id
  WHERE open.data_committed = 1 AND (
    SELECT 1 FROM task_states WHERE task_states.parent_txn_seq = open.txn_seq
      AND execution_seq < ${FIRST_OF_FIRINGS} AND state IN ('pending', 'started') LIMIT 1) IS NULL`;

/** Outcome of the newest earlier task of an entry that came to anything. */
const PREVIOUS = (task: string): string => `(
  SELECT CASE WHEN earlier.state = 'completed' OR earlier.skip_cause = 'superseded' THEN 'completed' ELSE 'failed' END
  FROM task_states AS earlier WHERE earlier.config_path = ${task}.config_path
    AND earlier.state NOT IN ('pending', 'started')
    AND (earlier.state <> 'skipped' OR earlier.skip_cause IN ('superseded', 'dependency'))
    AND earlier.parent_txn_seq <= ${task}.parent_txn_seq
    AND (earlier.parent_txn_seq < ${task}.parent_txn_seq OR earlier.execution_seq < ${task}.execution_seq)
  ORDER BY earlier.parent_txn_seq DESC, earlier.execution_seq DESC LIMIT 1)`;

const START = `WITH plain AS (
    SELECT asked.*, task.txn_id, task.factory_name, task.config_path
    FROM json_to_recordset(@asked::json) AS asked (
      place INTEGER, token BIGINT, parent_txn_seq BIGINT, execution_seq BIGINT, at BIGINT, config_txn_seq BIGINT,
      trace_parent TEXT, needs JSON)
    ${HELD_TASK}
    WHERE task.state = 'pending' AND task.attempts = 0 AND NOT task.reopened
      AND NOT EXISTS (SELECT 1 FROM process_groups WHERE process_groups.config_path = task.config_path)
      AND NOT EXISTS (
        SELECT 1 FROM claims AS other WHERE other.config_path = task.config_path AND other.token <> asked.token
          AND (other.running = 1 OR other.parent_txn_seq < task.parent_txn_seq
               OR other.parent_txn_seq = task.parent_txn_seq AND other.execution_seq < task.execution_seq))
      AND NOT EXISTS (
        SELECT 1 FROM task_states AS later WHERE later.config_path = task.config_path
          AND later.state NOT IN ('pending', 'started') AND later.parent_txn_seq >= task.parent_txn_seq
          AND (later.parent_txn_seq > task.parent_txn_seq OR later.execution_seq > task.execution_seq))
      AND NOT EXISTS (
        SELECT 1 FROM json_array_elements_text(asked.needs) AS need
        LEFT JOIN LATERAL (
          SELECT * FROM task_states WHERE task_states.parent_txn_seq = task.parent_txn_seq
            AND task_states.execution_seq = need::bigint LIMIT 1) AS needed ON TRUE
        WHERE needed.state IS DISTINCT FROM 'completed' OR ${PREVIOUS('needed')} = 'failed')),
  recorded AS (
    INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp, parent_txn_seq, execution_seq,
      factory_name, config_path, attempt, trace_parent, config_txn_seq)
    SELECT parent_txn_seq, txn_id, 'post_commit_started', 'post_commit', at, parent_txn_seq, execution_seq,
      factory_name, config_path, 1, trace_parent, config_txn_seq FROM plain ORDER BY place)
  UPDATE claims SET running = 1, left_by_other = 0 FROM plain WHERE claims.token = plain.token
  RETURNING plain.place, plain.parent_txn_seq, (
    SELECT json_agg(json_build_object('execution_seq', needed.execution_seq, 'config_path', needed.config_path,
        'previous', ${PREVIOUS('needed')}, 'report', (
          SELECT report FROM control_table AS ended WHERE ended.txn_id = needed.txn_id
            AND ended.execution_seq = needed.execution_seq AND ended.record_type = 'post_commit_completed'
          ORDER BY ended.record_id DESC LIMIT 1)) ORDER BY needed.execution_seq)
    FROM json_array_elements_text(plain.needs) AS need
    CROSS JOIN LATERAL (
      SELECT * FROM task_states WHERE task_states.parent_txn_seq = plain.parent_txn_seq
        AND task_states.execution_seq = need::bigint LIMIT 1) AS needed)::text AS told,
    (SELECT 1 FROM control_table AS derived WHERE derived.caused_by IS NOT NULL
       AND derived.txn_seq > plain.parent_txn_seq LIMIT 1) IS NULL AS nothing_derived`;

const Told = t.type({
  execution_seq: t.number,
  config_path: t.string,
  previous: t.union([t.null, t.literal('completed')]),
  report: t.union([t.null, jsonText(jsonValue)]),
});

const StartedRow = t.type({
  place: t.number,
  parent_txn_seq: t.number,
  told: t.union([t.null, jsonText(t.array(Told))]),
  nothing_derived: t.boolean,
});

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
