import { isLeft, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { ask, type ControlStore, decodeRow, transact } from '../control-store.js';
import type { ControlTransaction, ReadRows } from '../control-transaction.js';
import { type Coroutine, inOrder } from '../coroutine.js';
import type { FleetTable, ReadyClaim } from '../fleet-table.js';
import { jsonText } from '../json-text.js';
import { readRecord } from '../record-row.js';
import { dropClaim, mustHold } from '../runners/claim-rows.js';
import { taskIn } from '../tasks/task-records.js';
import { type LiveWorker, type ReadyTask, untakenTasks } from '../untaken-tasks.js';
import { checkServer } from './check-server.js';
import {
  ALL_OF_COMMIT,
  claimOnce,
  FOR_WORKER,
  isAnyReady,
  parametersOf,
  STAGE_HAS_COME,
} from './ready-tasks.js';

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
    (worker, { limit, now, beginning, held }) =>
    async () => {
      const seen = await ask(store, (read) => isAnyReady(read, worker, now))();
      if (isLeft(seen)) return seen;
      if (!seen.right) return right([]);
      // Looked at again as long as some of what was found could not be taken: what is behind it may be.
      const claimed: ReadyClaim[] = [];
      for (;;) {
        const spanIds = beginning.spanIds.slice(claimed.length);
        const asked = {
          limit: limit - claimed.length,
          now,
          beginning: { ...beginning, spanIds },
          held: [...held, ...claimed.map(({ token }) => token)],
        };
        // What has begun must be durable before it is run.
        const durability = beginning.commits.length > 0 ? 'durable' : 'relaxed';
        const once = await transact(store, durability, (transaction) =>
          claimOnce(transaction, worker, asked),
        )();
        // What has been claimed before is the worker's, whatever becomes of the rest.
        if (isLeft(once)) return claimed.length > 0 ? right(claimed) : once;
        claimed.push(...once.right.claims);
        if (once.right.isAll) return right(claimed);
      }
    },

  claimWithEnds: (order) => {
    store.order.current = order;
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
          runner_id: claim.runnerId,
          parent_txn_seq: claim.parentTxnSeq,
          reason,
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

  check: () => ask(store, checkServer),

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
