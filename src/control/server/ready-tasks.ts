import * as t from 'io-ts';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { DEFAULT_QUEUE } from '../../domain/plans/task-place.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { Beginning, ReadyClaim, WorkerPlace } from '../fleet-table.js';
import { readClaim, toClaim } from '../runners/claim-rows.js';
import { decodeRow } from '../store/control-store.js';
import type { ControlTransaction, Question, ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { IS_FIRST, nothingDerived, startedIn, waitsOf } from './plain-starts.js';
import { tracesOf } from './traces.js';

/** Seconds after which a worker looks again at what it has refused: somebody may have approved it, or installed what was missing. */
const LOOK_AGAIN = 30;

/** A refusal of all tasks of a commit; firings have the same number, and are not among them. */
export const ALL_OF_COMMIT = `(refusals.execution_seq = 0 AND task.execution_seq < ${FIRST_OF_FIRINGS})`;

/*
 * Conditions are scalar subqueries, which PostgreSQL does not make joins of: it then walks the index of ready tasks in their order and stops at
 * the limit, whatever it believes of the size of the tables.
 */

/** Tasks of the worker's queues and machine that it has not refused lately. */
const FOR_WORKER = `coalesce(queue, '${DEFAULT_QUEUE}') = ANY (ARRAY(SELECT json_array_elements_text(@queues::json)))
  AND (host IS NULL OR lower(host) IN (lower(@host), split_part(lower(@host), '.', 1)))
  AND (SELECT 1 FROM refusals WHERE refusals.runner_id = @runner_id AND refusals.parent_txn_seq = task.parent_txn_seq
      AND (refusals.execution_seq = task.execution_seq OR ${ALL_OF_COMMIT})
      AND refused_at > clock_timestamp() - interval '${LOOK_AGAIN} s' LIMIT 1) IS NULL`;

const parametersOf = ({ runnerId, host, queues }: WorkerPlace) => ({
  runner_id: runnerId,
  host,
  queues: JSON.stringify(queues),
});

/** All tasks of the stages before have ended. */
export const STAGE_HAS_COME = `(stage = 0 OR (
  SELECT 1 FROM task_states AS before WHERE before.txn_id = task.txn_id AND before.stage < task.stage
    AND before.state IN ('pending', 'started') LIMIT 1) IS NULL)`;

/**
 * No attempt of another task of its path is under way, nor was when its runner died: whoever takes that task closes it. Where several were left
 * open (commits that ran their tasks themselves, and were interrupted), the earliest comes first, since each would wait for the others.
 */
const PATH_IS_CLOSED = `(SELECT 1 FROM task_states AS open WHERE open.config_path = task.config_path AND open.state = 'started'
    AND open.parent_txn_seq >= (SELECT parent_txn_seq FROM earliest)
    AND (open.parent_txn_seq <> task.parent_txn_seq OR open.execution_seq <> task.execution_seq)
    AND (task.state <> 'started' OR open.parent_txn_seq < task.parent_txn_seq
         OR open.parent_txn_seq = task.parent_txn_seq AND open.execution_seq < task.execution_seq) LIMIT 1) IS NULL`;

/**
 * Tasks that may begin, as one state of the table has them. Nothing of the same path is running, or was when its runner died, or is claimed and before
 * it. Earlier ones that nobody has claimed come first, unless they are not for this worker.
 */
const READY = `WITH earliest AS MATERIALIZED (SELECT * FROM unfinished_from),
  held AS MATERIALIZED (
    SELECT txn_id, count(*) AS claims FROM claims WHERE token >= (SELECT token FROM earliest) GROUP BY txn_id)
  SELECT task.parent_txn_seq, task.execution_seq, task.txn_id, task.config_path, task.attempts, task.side_by_side,
    task.state, task.reopened, task.factory_name, task.setup,
    coalesce((SELECT held.claims FROM held WHERE held.txn_id = task.txn_id), 0) AS held
  FROM task_states AS task
  WHERE state IN ('pending', 'started') AND needs_left = 0
    AND (parent_txn_seq, execution_seq) >= ((SELECT parent_txn_seq FROM earliest), (SELECT execution_seq FROM earliest))
    AND (not_before IS NULL OR not_before <= @now)
    AND (SELECT 1 FROM claims WHERE claims.config_path = task.config_path
         AND claims.token >= (SELECT token FROM earliest)
         AND (running = 1 OR claims.parent_txn_seq < task.parent_txn_seq
              OR claims.parent_txn_seq = task.parent_txn_seq AND claims.execution_seq <= task.execution_seq)
         LIMIT 1) IS NULL
    AND ${PATH_IS_CLOSED}
    AND ${FOR_WORKER}
    AND ${STAGE_HAS_COME}
    AND (side_by_side IS NULL
         OR side_by_side > coalesce((SELECT held.claims FROM held WHERE held.txn_id = task.txn_id), 0))
  ORDER BY task.parent_txn_seq, task.execution_seq LIMIT @limit`;

/** Tells whether anything is ready; nobody is kept waiting for that. */
export function* isAnyReady(read: ReadRows, worker: WorkerPlace, now: number): Coroutine<boolean> {
  return (yield* read(READY, { ...parametersOf(worker), limit: 1, now })).length > 0;
}

/** Tells whether anything is ready, or may be when what somebody is at work on has ended. */
export function* hasMore(read: ReadRows, worker: WorkerPlace, now: number): Coroutine<boolean> {
  if (yield* isAnyReady(read, worker, now)) return true;
  const rows = yield* read(
    `SELECT 1 FROM task_states AS task WHERE state IN ('pending', 'started') AND ${FOR_WORKER}
       AND (not_before IS NULL OR not_before <= @now)
       AND (parent_txn_seq, execution_seq) >= (SELECT parent_txn_seq, execution_seq FROM unfinished_from)
       AND EXISTS (SELECT 1 FROM claims WHERE token >= (SELECT token FROM unfinished_from)) LIMIT 1`,
    { ...parametersOf(worker), now },
  );
  return rows.length > 0;
}

const needsOf = (task: string): string =>
  `SELECT needs FROM task_needs WHERE parent_txn_seq = ${task}.parent_txn_seq AND execution_seq = ${task}.execution_seq`;

/** Condition that none of those found before it has its path: what is found is read in the order in which it was found. */
const FIRST_OF_PATH = 'array_position(ARRAY(SELECT config_path FROM ready), config_path) = place';

/** Condition that with those of its commit that are claimed, and those found before it, no more run side by side than may: they are found one behind the other. */
const MAY_RUN_BESIDE = `(side_by_side IS NULL
      OR side_by_side > held + place - array_position(ARRAY(SELECT txn_id FROM ready), task.txn_id))`;

/** Tasks of a commit that a worker is ready to run soon after it has heard of it. */
const FEW = 16;

/** Condition that the commit of a task has few: of all of them the plan is computed again before the first is run, and until then an attempt would only be said to have begun. */
const HAS_FEW_TASKS = `(SELECT 1 FROM task_states AS many WHERE many.parent_txn_seq = task.parent_txn_seq
          AND many.execution_seq > ${FEW} AND many.execution_seq < ${FIRST_OF_FIRINGS} LIMIT 1) IS NULL`;

/**
 * Claims of what is ready, in one statement, of each path the first, and of each commit no more than may run side by side; a runner whose lease
 * has ended claims nothing. An attempt begins with its claim where that is plain and its commit is one of those whose tasks the worker runs
 * as they are planned, or has few and is set up as one of them: then its trace is read where it is pending. Says how many were ready: where that is more
 * than were claimed, what is behind them may be, too.
 */
const CLAIM = `WITH ready AS (${READY}),
  ranked AS (SELECT *, row_number() OVER () AS place, count(*) OVER () AS ready FROM ready),
  planned AS (
    SELECT task.*, waits.*, known.txn_id IS NOT NULL AS is_known, CASE WHEN coalesce(known.txn_id, alike.txn_id) IS NOT NULL
        AND task.execution_seq < ${FIRST_OF_FIRINGS} AND needs_completed AND NOT any_failed_before AND ${IS_FIRST}
      THEN coalesce(known.trace_start, alike.trace_start) || (@span_ids::json ->> (place - 1)::int)
        || coalesce(known.trace_end, alike.trace_end) END AS trace_parent
    FROM ranked AS task
    LEFT JOIN LATERAL (
      SELECT * FROM json_to_recordset(@known::json) AS one (txn_id TEXT, trace_start TEXT, trace_end TEXT)
      WHERE one.txn_id = task.txn_id LIMIT 1) AS known ON TRUE
    LEFT JOIN LATERAL (
      SELECT txn_id, substr(trace_parent, 1, 36) AS trace_start, substr(trace_parent, 53) AS trace_end
      FROM control_table AS pending
      WHERE known.txn_id IS NULL AND task.setup IN (SELECT json_array_elements_text(@setups::json))
        AND ${HAS_FEW_TASKS}
        AND pending.txn_id = task.txn_id AND pending.execution_seq = task.execution_seq
        AND record_type = 'post_commit_pending'
        AND trace_parent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' LIMIT 1) AS alike ON TRUE
    CROSS JOIN LATERAL (${waitsOf('task', needsOf('task'))}) AS waits
    WHERE ${FIRST_OF_PATH} AND ${MAY_RUN_BESIDE}
      AND EXISTS (SELECT 1 FROM runners WHERE runners.runner_id = @runner_id AND lease_until > clock_timestamp())
    ORDER BY task.parent_txn_seq, task.execution_seq),
  chosen AS MATERIALIZED (SELECT nextval('claims_token_seq') AS token, planned.* FROM planned),
  taken AS (
    INSERT INTO claims (token, txn_id, parent_txn_seq, execution_seq, config_path, attempts, runner_id, running)
      OVERRIDING SYSTEM VALUE
    SELECT token, txn_id, parent_txn_seq, execution_seq, config_path, attempts, @runner_id,
      CASE WHEN trace_parent IS NULL THEN 0 ELSE 1 END FROM chosen),
  begun AS (
    INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp, parent_txn_seq, execution_seq,
      factory_name, config_path, attempt, trace_parent, config_txn_seq, token, runner_id)
    SELECT parent_txn_seq, txn_id, 'post_commit_started', 'post_commit', @now, parent_txn_seq, execution_seq,
      factory_name, config_path, 1, trace_parent, parent_txn_seq, token, @runner_id
    FROM chosen WHERE trace_parent IS NOT NULL)
  SELECT token, txn_id, parent_txn_seq, execution_seq, config_path, attempts, @runner_id AS runner_id,
    CASE WHEN trace_parent IS NULL THEN 0 ELSE 1 END AS running, ready, trace_parent, needs_completed, told, ${nothingDerived('chosen')},
    CASE WHEN NOT is_known THEN (
      SELECT data_fs_version FROM control_table AS landed
      WHERE record_type = 'data_committed' AND landed.txn_seq = chosen.parent_txn_seq) END AS data_fs_version
  FROM chosen`;

const ReadyRow = t.type({
  ready: t.number,
  needs_completed: t.boolean,
  trace_parent: t.union([t.null, t.string]),
  data_fs_version: t.union([t.null, t.number]),
});

/** The question that claims, once: what is behind tasks that could not be taken is left for the next time. */
export const claimQuestion = (
  worker: WorkerPlace,
  { limit, now, beginning }: Omit<Asked, 'held'>,
): Question => [
  CLAIM,
  {
    limit,
    now,
    known: JSON.stringify(
      beginning.commits.map(({ txnId, traceStart, traceEnd }) => ({
        txn_id: txnId,
        trace_start: traceStart,
        trace_end: traceEnd,
      })),
    ),
    setups: JSON.stringify(beginning.setups),
    span_ids: JSON.stringify(beginning.spanIds),
    ...parametersOf(worker),
  },
];

/** Claims that an answer to it says were made. */
export const claimsIn = (rows: readonly SqlRow[]): readonly ReadyClaim[] =>
  rows.map((row) => {
    const {
      needs_completed: needsCompleted,
      trace_parent: traceParent,
      data_fs_version: dataFsVersion,
    } = decodeRow(ReadyRow, row);
    return {
      needsCompleted,
      dataFsVersion,
      begun: traceParent === null ? null : { traceParent, ...startedIn(row) },
      ...toClaim(readClaim(row)),
    };
  });

/** Tells whether all that were found ready were claimed. */
export const isAllOfReady = (rows: readonly SqlRow[]): boolean =>
  rows[0] === undefined || decodeRow(ReadyRow, rows[0]).ready === rows.length;

/** Question for ready tasks. */
export interface Asked {
  readonly limit: number;
  readonly now: number;
  readonly beginning: Beginning;
  /** Tokens of what the worker holds. */
  readonly held: readonly number[];
}

/** Claims what is ready, once. `isAll`: nothing is behind it that could be claimed now, too. */
export function* claimOnce(
  transaction: ControlTransaction,
  worker: WorkerPlace,
  asked: Asked,
): Coroutine<{ readonly claims: readonly ReadyClaim[]; readonly isAll: boolean }> {
  const traces = tracesOf([], { worker, held: asked.held });
  const [rows = []] = yield* transaction.atOnce([claimQuestion(worker, asked)], traces);
  return { claims: claimsIn(rows), isAll: rows.length >= asked.limit || isAllOfReady(rows) };
}
