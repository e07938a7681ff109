import * as t from 'io-ts';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { DEFAULT_QUEUE } from '../../domain/plans/task-place.js';
import type { Claim } from '../claim.js';
import { ask, type ControlStore, decodeRow, transact } from '../control-store.js';
import type { ControlTransaction, ReadRows } from '../control-transaction.js';
import { type Coroutine, inOrder } from '../coroutine.js';
import type { FleetTable, WorkerPlace } from '../fleet-table.js';
import { jsonText } from '../json-text.js';
import { readRecord } from '../record-row.js';
import { dropClaim, mustHold, readClaim, toClaim } from '../runners/claim-rows.js';
import { taskIn } from '../tasks/task-records.js';
import { type LiveWorker, type ReadyTask, untakenTasks } from '../untaken-tasks.js';

/** Tasks one by one, out of the tables that are kept for it beside the records; see `server-schema.ts`. */
export const fleetTable = (store: ControlStore): FleetTable => ({
  announceWorker: ({ runnerId, host, queues, concurrency }) =>
    transact(store, 'relaxed', function* (transaction) {
      yield* transaction.run(
        `UPDATE runners SET host = @host, queues = @queues, concurrency = @concurrency::integer
         WHERE runner_id = @runner_id`,
        { runner_id: runnerId, host, queues: JSON.stringify(queues), concurrency },
      );
    }),

  claimReady:
    (worker, { limit, now }) =>
    async () => {
      const seen = await ask(store, (read) => isAnyReady(read, worker, now))();
      if (seen._tag === 'Left' || !seen.right) return seen._tag === 'Left' ? seen : NONE;
      return transact(store, 'relaxed', (transaction) => claimUpTo(transaction, worker, { limit, now }))();
    },

  hasMore: (worker, now) =>
    ask(store, function* (read) {
      if (yield* isAnyReady(read, worker, now)) return true;
      // Somebody is at work: when that has ended, others may be ready.
      const rows = yield* read(
        `SELECT 1 FROM task_states AS task WHERE state IN ('pending', 'started') AND ${FOR_WORKER}
           AND (not_before IS NULL OR not_before <= @now) AND EXISTS (SELECT 1 FROM claims) LIMIT 1`,
        { ...parametersOf(worker), now },
      );
      return rows.length > 0;
    }),

  nextBeginning: (now) =>
    ask(store, function* (read) {
      const [row] = yield* read(
        `SELECT min(not_before) AS at FROM task_states WHERE state IN ('pending', 'started') AND not_before > @now`,
        { now },
      );
      return decodeRow(t.type({ at: t.union([t.number, t.null]) }), row).at;
    }),

  refuse: (claim, { reason, all }) =>
    transact(store, 'relaxed', function* (transaction) {
      yield* mustHold(transaction.all, claim);
      yield* transaction.run(
        `INSERT INTO refusals (runner_id, parent_txn_seq, execution_seq, reason)
         VALUES (@runner_id, @parent_txn_seq, @execution_seq, @reason)
         ON CONFLICT (runner_id, parent_txn_seq, execution_seq)
           DO UPDATE SET reason = excluded.reason, refused_at = clock_timestamp()`,
        {
          ...{ runner_id: claim.runnerId, parent_txn_seq: claim.parentTxnSeq, reason },
          execution_seq: all && claim.firing === undefined ? 0 : claim.executionSeq,
        },
      );
      yield* dropClaim(transaction, claim);
      yield* tellWorkers(transaction);
    }),

  sweep: () => async () => {
    const dead = await ask(store, (read) => deadHolders(store, read))();
    if (dead._tag === 'Left') return dead;
    if (dead.right.length === 0) return { _tag: 'Right', right: 0 };
    return transact(store, 'relaxed', function* (transaction) {
      const freed = yield* inOrder(yield* deadHolders(store, transaction.all), (runnerId) =>
        transaction.run('DELETE FROM claims WHERE runner_id = @runner_id', { runner_id: runnerId }),
      );
      yield* tellWorkers(transaction);
      return freed.reduce((sum, rows) => sum + rows, 0);
    })();
  },

  staleRefused: () =>
    ask(store, function* (read) {
      const [row] = yield* read('SELECT stale_refused FROM meta');
      return decodeRow(t.type({ stale_refused: t.number }), row).stale_refused;
    }),

  recordsOfTasks: (txnId, executionSeqs) =>
    ask(store, function* (read) {
      const rows = yield* read(
        `SELECT * FROM control_table WHERE txn_id = @txn_id
           AND execution_seq IN (SELECT value FROM json_each(@seqs)) ORDER BY record_id`,
        { txn_id: txnId, seqs: JSON.stringify(executionSeqs) },
      );
      return rows.map(readRecord);
    }),

  traceOf: (txnId) =>
    ask(store, function* (read) {
      const [row] = yield* read(
        `SELECT trace_parent FROM control_table WHERE txn_id = @txn_id AND trace_parent IS NOT NULL
         ORDER BY record_id LIMIT 1`,
        { txn_id: txnId },
      );
      return row === undefined ? null : decodeRow(t.type({ trace_parent: t.string }), row).trace_parent;
    }),

  untaken: (now) =>
    ask(store, function* (read) {
      return untakenTasks(yield* readyTasks(read, now), yield* liveWorkers(store, read));
    }),

  refused: (now) =>
    ask(store, function* (read) {
      return (yield* readyTasks(read, now)).filter(({ refusals }) => refusals.length > 0);
    }),
});

const NONE = { _tag: 'Right', right: [] } as const;

/** Seconds after which a worker looks again at what it has refused: somebody may have approved it, or installed what was missing. */
const LOOK_AGAIN = 30;

/** A refusal of all tasks of a commit; firings have the same number, and are not among them. */
const ALL_OF_COMMIT = `(refusals.execution_seq = 0 AND task.execution_seq < ${FIRST_OF_FIRINGS})`;

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
  ...{ runner_id: runnerId, host, queues: JSON.stringify(queues) },
});

/** All tasks of the stages before have ended. */
const STAGE_HAS_COME = `(stage = 0 OR (
  SELECT 1 FROM task_states AS before WHERE before.txn_id = task.txn_id AND before.stage < task.stage
    AND before.state IN ('pending', 'started') LIMIT 1) IS NULL)`;

/**
 * Tasks that may begin, as one state of the table has them. Nothing of the same path is running, or claimed and before it. Earlier ones that nobody
 * has claimed come first, unless they are not for this worker.
 */
const READY = `WITH held AS MATERIALIZED (SELECT txn_id, count(*) AS claims FROM claims GROUP BY txn_id)
  SELECT task.parent_txn_seq, task.execution_seq, task.txn_id, task.config_path, task.attempts, task.side_by_side,
    coalesce((SELECT held.claims FROM held WHERE held.txn_id = task.txn_id), 0) AS held
  FROM task_states AS task
  WHERE state IN ('pending', 'started') AND needs_left = 0
    AND (not_before IS NULL OR not_before <= @now)
    AND (SELECT 1 FROM claims WHERE claims.config_path = task.config_path
         AND (running = 1 OR claims.parent_txn_seq < task.parent_txn_seq
              OR claims.parent_txn_seq = task.parent_txn_seq AND claims.execution_seq <= task.execution_seq)
         LIMIT 1) IS NULL
    AND ${FOR_WORKER}
    AND ${STAGE_HAS_COME}
    AND (side_by_side IS NULL
         OR side_by_side > coalesce((SELECT held.claims FROM held WHERE held.txn_id = task.txn_id), 0))
  ORDER BY task.parent_txn_seq, task.execution_seq LIMIT @limit`;

/** Tells whether anything is ready; nobody is kept waiting for that. */
function* isAnyReady(read: ReadRows, worker: WorkerPlace, now: number): Coroutine<boolean> {
  return (yield* read(READY, { ...parametersOf(worker), limit: 1, now })).length > 0;
}

/**
 * Claims of what is ready, in one statement, of each path the first, and of each commit no more than may run side by side; a runner whose lease
 * has ended claims nothing. Says how many were ready: where that is more than were claimed, what is behind them may be, too.
 */
const CLAIM = `WITH ready AS (${READY}),
  ranked AS (
    SELECT *, row_number() OVER (PARTITION BY config_path ORDER BY parent_txn_seq, execution_seq) AS of_path,
      row_number() OVER (PARTITION BY txn_id ORDER BY execution_seq) AS of_commit
    FROM ready),
  taken AS (
    INSERT INTO claims (txn_id, parent_txn_seq, execution_seq, config_path, attempts, runner_id)
    SELECT txn_id, parent_txn_seq, execution_seq, config_path, attempts, @runner_id FROM ranked
    WHERE of_path = 1 AND (side_by_side IS NULL OR held + of_commit <= side_by_side)
      AND EXISTS (SELECT 1 FROM runners WHERE runners.runner_id = @runner_id AND lease_until > clock_timestamp())
    ORDER BY parent_txn_seq, execution_seq
    RETURNING *)
  SELECT *, (SELECT count(*) FROM ready) AS ready FROM taken`;

const ReadyRow = t.type({ ready: t.number });

/** Looks again as long as some of what was found could not be taken: what is behind it may be. */
function* claimUpTo(
  transaction: ControlTransaction,
  worker: WorkerPlace,
  { limit, now }: { readonly limit: number; readonly now: number },
): Coroutine<readonly Claim[]> {
  const claimed: Claim[] = [];
  for (;;) {
    const rows = yield* transaction.all(CLAIM, {
      ...parametersOf(worker),
      limit: limit - claimed.length,
      now,
    });
    claimed.push(...rows.map(readClaim).map(toClaim));
    const [first] = rows;
    if (first === undefined || claimed.length >= limit) return claimed;
    if (decodeRow(ReadyRow, first).ready === rows.length) return claimed;
  }
}

/** Runners that hold tasks and live no longer. */
function* deadHolders(store: ControlStore, read: ReadRows): Coroutine<readonly string[]> {
  const isLive = store.signs.liveness(read);
  const dead: string[] = [];
  for (const row of yield* read('SELECT DISTINCT runner_id FROM claims')) {
    const { runner_id } = decodeRow(t.type({ runner_id: t.string }), row);
    if (!(yield* isLive(runner_id))) dead.push(runner_id);
  }
  return dead;
}

/** Tells whoever listens that something was freed. */
function* tellWorkers(transaction: ControlTransaction): Coroutine<void> {
  yield* transaction.all(`SELECT pg_notify(current_schema(), '')`);
}

const text = t.union([t.string, t.null]);

const WorkerRow = t.type({ runner_id: t.string, host: text, queues: jsonText(t.array(t.string)) });

function* liveWorkers(store: ControlStore, read: ReadRows): Coroutine<readonly LiveWorker[]> {
  const isLive = store.signs.liveness(read);
  const live: LiveWorker[] = [];
  const rows = yield* read(
    'SELECT runner_id, host, queues FROM runners WHERE queues IS NOT NULL ORDER BY runner_id',
  );
  for (const row of rows) {
    const { runner_id: runnerId, host, queues } = decodeRow(WorkerRow, row);
    if (yield* isLive(runnerId)) live.push({ runnerId, host: host ?? '', queues });
  }
  return live;
}

/** Tasks at most that are looked at for whether anybody takes them. */
const LOOKED_AT = 1_000;

const ReadyTaskRow = t.type({
  config_path: t.string,
  queue: text,
  host: text,
  refusals: jsonText(t.array(t.type({ runnerId: t.string, reason: t.string }))),
});

function* readyTasks(read: ReadRows, now: number): Coroutine<readonly ReadyTask[]> {
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
