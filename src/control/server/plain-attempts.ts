import * as t from 'io-ts';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { AttemptOutcome, AttemptRecord } from '../attempt-record.js';
import type { StartConditions } from '../claim.js';
import { decodeRow } from '../control-store.js';
import type { ControlTransaction, ReadRows } from '../control-transaction.js';
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

const PlaceRow = t.type({ place: t.number });

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
  const places = rows.map((row) => decodeRow(PlaceRow, row).place);
  const commits = new Map<string, Parameters<typeof completeEnded>[1]>();
  for (const place of places) {
    const record = records[place];
    if (record?._tag !== 'Completed' || record.end.commitDurationMs === undefined) continue;
    const { timestamp, commitDurationMs: durationMs } = record.end;
    commits.set(record.claim.txnId, { txnId: record.claim.txnId, timestamp, durationMs });
  }
  if (commits.size === 0) return places;
  const ended = yield* transaction.all(ALL_ENDED, { commits: JSON.stringify([...commits.keys()]) });
  for (const row of ended) {
    const commit = commits.get(decodeRow(CommitRow, row).txn_id);
    if (commit !== undefined) yield* completeEnded(transaction, commit);
  }
  return places;
}

const CommitRow = t.type({ txn_id: t.string });

/** Commits all of whose tasks have ended. */
const ALL_ENDED = `SELECT txn_id FROM json_array_elements_text(@commits::json) AS asked (txn_id)
  WHERE NOT EXISTS (SELECT 1 FROM task_states WHERE task_states.txn_id = asked.txn_id AND state IN ('pending', 'started'))`;

const END = `WITH plain AS (
    SELECT asked.*, task.txn_id, task.factory_name, task.config_path, task.config_txn_seq
    FROM json_to_recordset(@asked::json) AS asked (
      place INTEGER, token BIGINT, parent_txn_seq BIGINT, execution_seq BIGINT, attempt BIGINT, at BIGINT,
      duration_ms DOUBLE PRECISION, is_watched BOOLEAN, report TEXT)
    JOIN claims ON claims.parent_txn_seq = asked.parent_txn_seq AND claims.execution_seq = asked.execution_seq
      AND claims.token = asked.token AND running = 1
    JOIN task_states AS task ON task.parent_txn_seq = asked.parent_txn_seq
      AND task.execution_seq = asked.execution_seq
    WHERE task.state = 'started' AND task.attempts = asked.attempt AND NOT (task.reopened AND asked.is_watched)
      AND NOT EXISTS (SELECT 1 FROM episodes WHERE telling_txn_seq = task.parent_txn_seq
                      AND telling_execution_seq = task.execution_seq)),
  recorded AS (
    INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp, duration_ms, parent_txn_seq,
      execution_seq, factory_name, config_path, attempt, config_txn_seq, report)
    SELECT parent_txn_seq, txn_id, 'post_commit_completed', 'post_commit', at, duration_ms, parent_txn_seq,
      execution_seq, factory_name, config_path, attempt, config_txn_seq, report FROM plain ORDER BY place),
  groups AS (DELETE FROM process_groups USING plain WHERE process_groups.token = plain.token)
  DELETE FROM claims USING plain WHERE claims.token = plain.token RETURNING plain.place`;

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
  const places = new Set(rows.map((row) => decodeRow(PlaceRow, row).place));
  const telling = asked.filter(({ place, needs }) => places.has(place) && needs.length > 0);
  const told = telling.length === 0 ? NOTHING_TOLD : yield* outcomesOf(transaction.all, telling);
  return [...places].map((place) => ({ place, told: told.get(place) ?? [] }));
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
    JOIN claims ON claims.parent_txn_seq = asked.parent_txn_seq AND claims.execution_seq = asked.execution_seq
      AND claims.token = asked.token
    JOIN task_states AS task ON task.parent_txn_seq = asked.parent_txn_seq
      AND task.execution_seq = asked.execution_seq
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
        LEFT JOIN task_states AS needed ON needed.parent_txn_seq = task.parent_txn_seq
          AND needed.execution_seq = need::bigint
        WHERE needed.state IS DISTINCT FROM 'completed' OR ${PREVIOUS('needed')} = 'failed')),
  recorded AS (
    INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp, parent_txn_seq, execution_seq,
      factory_name, config_path, attempt, trace_parent, config_txn_seq)
    SELECT parent_txn_seq, txn_id, 'post_commit_started', 'post_commit', at, parent_txn_seq, execution_seq,
      factory_name, config_path, 1, trace_parent, config_txn_seq FROM plain ORDER BY place)
  UPDATE claims SET running = 1, left_by_other = 0 FROM plain WHERE claims.token = plain.token
  RETURNING plain.place`;

const NOTHING_TOLD: ReadonlyMap<number, readonly TaskOutcome[]> = new Map();

const ToldRow = t.type({
  place: t.number,
  parent_txn_seq: t.number,
  execution_seq: t.number,
  config_path: t.string,
  previous: t.union([t.null, t.literal('completed')]),
  report: t.union([t.null, jsonText(jsonValue)]),
});

/** Outcomes of what started tasks waited for: all of it has completed, and did the time before. */
function* outcomesOf(
  read: ReadRows,
  telling: readonly {
    readonly place: number;
    readonly parent_txn_seq: number;
    readonly needs: StartConditions['waitsFor'];
  }[],
): Coroutine<ReadonlyMap<number, readonly TaskOutcome[]>> {
  const asked = telling.flatMap(({ place, parent_txn_seq, needs }) =>
    needs.map((execution_seq) => ({ place, parent_txn_seq, execution_seq })),
  );
  const rows = yield* read(TOLD, { asked: JSON.stringify(asked) });
  const told = new Map<number, TaskOutcome[]>();
  for (const row of rows) {
    const { place, parent_txn_seq, execution_seq, config_path, previous, report } = decodeRow(ToldRow, row);
    const outcome: TaskOutcome = {
      task: printTaskId({ parentTxnSeq: parent_txn_seq, executionSeq: execution_seq }),
      configPath: config_path,
      ...{ state: 'completed', countsAs: 'completed', error: null, previousState: previous },
      ...{ failingSince: null, report, notice: null },
    };
    const known = told.get(place);
    if (known === undefined) told.set(place, [outcome]);
    else known.push(outcome);
  }
  return told;
}

const TOLD = `SELECT asked.place, needed.parent_txn_seq, needed.execution_seq, needed.config_path,
    ${PREVIOUS('needed')} AS previous,
    (SELECT report FROM control_table WHERE control_table.txn_id = needed.txn_id
       AND control_table.execution_seq = needed.execution_seq AND record_type = 'post_commit_completed'
     ORDER BY record_id DESC LIMIT 1) AS report
  FROM json_to_recordset(@asked::json) AS asked (place INTEGER, parent_txn_seq BIGINT, execution_seq BIGINT)
  JOIN task_states AS needed ON needed.parent_txn_seq = asked.parent_txn_seq
    AND needed.execution_seq = asked.execution_seq
  ORDER BY asked.place, needed.execution_seq`;
