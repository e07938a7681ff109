import * as t from 'io-ts';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { AttemptOutcome, AttemptRecord } from '../attempt-record.js';
import { decodeRow } from '../control-store.js';
import type { ControlTransaction } from '../control-transaction.js';
import type { Coroutine } from '../coroutine.js';
import { jsonText, jsonValue } from '../json-text.js';
import { completeEnded } from '../open-transactions.js';

/*
 * Over a network it counts how often the database is asked. Most attempts are plain: the first one of a task that has not been asked for
 * again, of whose path nothing else is claimed before, all that it waits for has completed and did so before; and its successful end. Whether that is so is
 * decided by the statement that records them, all of a batch at once; whatever it leaves out is recorded by itself, with all its rules. What
 * plain ones come to is the same in both ways: the suites of guarantees run over this one, too.
 */

export function* recordPlain(
  transaction: ControlTransaction,
  records: readonly AttemptRecord[],
): Coroutine<readonly (AttemptOutcome | null)[]> {
  const outcomes: (AttemptOutcome | null)[] = records.map(() => null);
  // An end frees its path: what may begin after it, and only then, is found by the statement after it.
  for (const place of yield* endPlain(transaction, records)) outcomes[place] = { _tag: 'Recorded' };
  for (const { place, told } of yield* startPlain(transaction, records)) {
    outcomes[place] = { _tag: 'Started', attempt: 1, supersededBy: null, outcomes: told };
  }
  return outcomes;
}

function* endPlain(
  transaction: ControlTransaction,
  records: readonly AttemptRecord[],
): Coroutine<readonly number[]> {
  const asked = records.flatMap((record, place) => {
    if (record._tag !== 'Completed' || record.claim.executionSeq >= FIRST_OF_FIRINGS) return [];
    const { claim, end } = record;
    return [
      {
        ...{ place, token: claim.token, parent_txn_seq: claim.parentTxnSeq },
        ...{ execution_seq: claim.executionSeq, attempt: end.attempt, at: end.timestamp },
        ...{ duration_ms: end.durationMs, is_watched: (end.watchedBy ?? []).length > 0 },
        report: end.report == null ? null : JSON.stringify(end.report),
      },
    ];
  });
  if (asked.length === 0) return [];
  const rows = yield* transaction.all(END, { asked: JSON.stringify(asked) });
  const ended = rows.map((row) => decodeRow(EndedRow, row));
  const commits = new Map<string, Parameters<typeof completeEnded>[1]>();
  for (const { place, others } of ended) {
    const record = records[place];
    if (others !== null || record?._tag !== 'Completed' || record.end.commitDurationMs === undefined)
      continue;
    const { timestamp, commitDurationMs: durationMs } = record.end;
    commits.set(record.claim.txnId, { txnId: record.claim.txnId, timestamp, durationMs });
  }
  for (const commit of commits.values()) yield* completeEnded(transaction, commit);
  return ended.map(({ place }) => place);
}

/** `others`: null where no other task of its commit is unfinished. */
const EndedRow = t.type({ place: t.number, others: t.union([t.null, t.number]) });

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
  RETURNING plain.place, (
    SELECT 1 FROM task_states AS other WHERE other.txn_id = plain.txn_id AND other.state IN ('pending', 'started')
      AND other.execution_seq NOT IN (SELECT ended.execution_seq FROM plain AS ended WHERE ended.txn_id = plain.txn_id)
    LIMIT 1) AS others`;

interface StartedPlain {
  readonly place: number;
  readonly told: readonly TaskOutcome[];
}

function* startPlain(
  transaction: ControlTransaction,
  records: readonly AttemptRecord[],
): Coroutine<readonly StartedPlain[]> {
  const asked = records.flatMap((record, place) => {
    if (record._tag !== 'Started' || record.claim.executionSeq >= FIRST_OF_FIRINGS) return [];
    const { claim, attempt } = record;
    if ((attempt.conditions?.runWhen ?? 'success') !== 'success') return [];
    return [
      {
        ...{ place, token: claim.token, parent_txn_seq: claim.parentTxnSeq },
        ...{ execution_seq: claim.executionSeq, at: attempt.timestamp },
        ...{ config_txn_seq: attempt.configTxnSeq, trace_parent: attempt.traceParent },
        needs: attempt.conditions?.waitsFor ?? [],
      },
    ];
  });
  if (asked.length === 0) return [];
  const rows = yield* transaction.all(START, { asked: JSON.stringify(asked) });
  return rows.map((row) => {
    const { place, parent_txn_seq: parentTxnSeq, told } = decodeRow(StartedRow, row);
    return { place, told: told === null ? [] : told.map((one) => toldOf(parentTxnSeq, one)) };
  });
}

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
        AND task_states.execution_seq = need::bigint LIMIT 1) AS needed)::text AS told`;

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
});

/** Outcome of a task that a started one waited for: it has completed, and did the time before. */
const toldOf = (
  parentTxnSeq: number,
  { execution_seq: executionSeq, config_path: configPath, previous, report }: t.TypeOf<typeof Told>,
): TaskOutcome => ({
  task: printTaskId({ parentTxnSeq, executionSeq }),
  ...{ configPath, state: 'completed', countsAs: 'completed', error: null, previousState: previous },
  ...{ failingSince: null, report, notice: null },
});
