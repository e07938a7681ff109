import * as t from 'io-ts';
import { firingIn } from '../../domain/plans/firing.js';
import { DEFAULT_QUEUE } from '../../domain/plans/task-place.js';
import type { Claim } from '../claim.js';
import { ask, type ControlStore, decodeRow, transact } from '../control-store.js';
import type { ControlTransaction, ReadRows } from '../control-transaction.js';
import { type Coroutine, inOrder } from '../coroutine.js';
import type { FleetTable, RefusedTask, WorkerPlace } from '../fleet-table.js';
import { readRecord } from '../record-row.js';
import { dropClaim, mustHold } from '../runners/claim-rows.js';
import { taskIn } from '../tasks/task-records.js';

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
      const seen = await ask(store, (read) => candidates(read, worker, { limit: 1, now }))();
      if (seen._tag === 'Left' || seen.right.length === 0) return seen._tag === 'Left' ? seen : NONE;
      return transact(store, 'relaxed', (transaction) => claimUpTo(transaction, worker, { limit, now }))();
    },

  hasMore: (worker, now) =>
    ask(store, function* (read) {
      const ready = yield* candidates(read, worker, { limit: 1, now });
      if (ready.length > 0) return true;
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
          execution_seq: all ? 0 : claim.executionSeq,
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

  refusedTasks: () => ask(store, refusedTasks),
});

const NONE = { _tag: 'Right', right: [] } as const;

/** Seconds after which a worker looks again at what it has refused: somebody may have approved it, or installed what was missing. */
const LOOK_AGAIN = 30;

/** Tasks of the worker's queues and machine that it has not refused lately. */
const FOR_WORKER = `coalesce(queue, '${DEFAULT_QUEUE}') IN (SELECT json_array_elements_text(@queues::json))
  AND (host IS NULL OR lower(host) IN (lower(@host), split_part(lower(@host), '.', 1)))
  AND NOT EXISTS (
    SELECT 1 FROM refusals WHERE refusals.runner_id = @runner_id AND refusals.parent_txn_seq = task.parent_txn_seq
      AND (refusals.execution_seq = task.execution_seq OR refusals.execution_seq = 0)
      AND refused_at > clock_timestamp() - interval '${LOOK_AGAIN} s')`;

const parametersOf = ({ runnerId, host, queues }: WorkerPlace) => ({
  ...{ runner_id: runnerId, host, queues: JSON.stringify(queues) },
});

/**
 * Tasks that may begin, as one state of the table has them. An earlier one of the same path goes before, unless it is not for this
 * worker; so does any that is running.
 */
const READY = `SELECT task.parent_txn_seq, task.execution_seq, task.txn_id, task.config_path, task.attempts,
    task.side_by_side, (SELECT count(*) FROM claims WHERE claims.txn_id = task.txn_id) AS held
  FROM task_states AS task
  WHERE state IN ('pending', 'started') AND needs_left = 0
    AND (not_before IS NULL OR not_before <= @now)
    AND ${FOR_WORKER}
    AND (stage = 0 OR NOT EXISTS (
      SELECT 1 FROM task_states AS before WHERE before.txn_id = task.txn_id AND before.stage < task.stage
        AND before.state IN ('pending', 'started')))
    AND NOT EXISTS (
      SELECT 1 FROM claims WHERE claims.config_path = task.config_path
        AND (running = 1 OR claims.parent_txn_seq < task.parent_txn_seq
             OR claims.parent_txn_seq = task.parent_txn_seq AND claims.execution_seq <= task.execution_seq))
    AND (side_by_side IS NULL
         OR side_by_side > (SELECT count(*) FROM claims WHERE claims.txn_id = task.txn_id))
  ORDER BY parent_txn_seq, execution_seq LIMIT @limit`;

const ReadyRow = t.type({
  parent_txn_seq: t.number,
  execution_seq: t.number,
  txn_id: t.string,
  config_path: t.string,
  attempts: t.number,
  side_by_side: t.union([t.number, t.null]),
  held: t.number,
});

type Ready = t.TypeOf<typeof ReadyRow>;

function* candidates(
  read: ReadRows,
  worker: WorkerPlace,
  { limit, now }: { readonly limit: number; readonly now: number },
): Coroutine<readonly Ready[]> {
  const rows = yield* read(READY, { ...parametersOf(worker), limit, now });
  return rows.map((row) => decodeRow(ReadyRow, row));
}

/** Chooses of each path the first, and of each commit no more than may run side by side. */
const chosenAmong = (ready: readonly Ready[]): readonly Ready[] => {
  const paths = new Set<string>();
  const held = new Map<string, number>();
  return ready.filter((task) => {
    const holds = held.get(task.txn_id) ?? task.held;
    if (paths.has(task.config_path) || holds >= (task.side_by_side ?? Number.POSITIVE_INFINITY)) return false;
    paths.add(task.config_path);
    held.set(task.txn_id, holds + 1);
    return true;
  });
};

/** Looks again as long as some of what was found could not be chosen: what is behind it may be. */
function* claimUpTo(
  transaction: ControlTransaction,
  worker: WorkerPlace,
  { limit, now }: { readonly limit: number; readonly now: number },
): Coroutine<readonly Claim[]> {
  const claimed: Claim[] = [];
  const alive = yield* transaction.all(
    'SELECT 1 FROM runners WHERE runner_id = @runner_id AND lease_until > clock_timestamp()',
    { runner_id: worker.runnerId },
  );
  if (alive.length === 0) return claimed;
  for (;;) {
    const ready = yield* candidates(transaction.all, worker, { limit: limit - claimed.length, now });
    const chosen = chosenAmong(ready);
    if (chosen.length > 0) claimed.push(...(yield* claimEach(transaction, worker, chosen)));
    if (chosen.length === ready.length || chosen.length === 0 || claimed.length >= limit) return claimed;
  }
}

const TokenRow = t.type({ token: t.number, parent_txn_seq: t.number, execution_seq: t.number });

function* claimEach(
  transaction: ControlTransaction,
  { runnerId }: WorkerPlace,
  tasks: readonly Ready[],
): Coroutine<readonly Claim[]> {
  const rows = yield* transaction.all(
    `INSERT INTO claims (txn_id, parent_txn_seq, execution_seq, config_path, attempts, runner_id)
     SELECT txn_id, parent_txn_seq, execution_seq, config_path, attempts, @runner_id
     FROM json_to_recordset(@tasks::json)
       AS task (txn_id TEXT, parent_txn_seq BIGINT, execution_seq BIGINT, config_path TEXT, attempts BIGINT)
     RETURNING token, parent_txn_seq, execution_seq`,
    { runner_id: runnerId, tasks: JSON.stringify(tasks) },
  );
  return rows.flatMap((row) => {
    const { token, parent_txn_seq: parentTxnSeq, execution_seq: executionSeq } = decodeRow(TokenRow, row);
    const task = tasks.find(
      (one) => one.parent_txn_seq === parentTxnSeq && one.execution_seq === executionSeq,
    );
    if (task === undefined) return [];
    const { txn_id: txnId, config_path: configPath, attempts } = task;
    const claim = { parentTxnSeq, executionSeq, txnId, configPath, attempts, runnerId, token };
    return [{ ...claim, ...firingIn(executionSeq, txnId) }];
  });
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

const RefusalRow = t.type({ config_path: t.string, runner_id: t.string, reason: t.string });

function* refusedTasks(read: ReadRows): Coroutine<readonly RefusedTask[]> {
  const rows = yield* read(
    `SELECT task.parent_txn_seq, task.execution_seq, task.txn_id, task.config_path, refusals.runner_id, reason
     FROM refusals JOIN task_states AS task ON task.parent_txn_seq = refusals.parent_txn_seq
       AND (refusals.execution_seq = task.execution_seq OR refusals.execution_seq = 0)
     WHERE state IN ('pending', 'started') AND needs_left = 0
       AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.parent_txn_seq = task.parent_txn_seq
                       AND claims.execution_seq = task.execution_seq)
     ORDER BY task.parent_txn_seq, task.execution_seq, refused_at`,
  );
  const tasks = new Map<string, RefusedTask>();
  for (const row of rows) {
    const { config_path: configPath, runner_id: runnerId, reason } = decodeRow(RefusalRow, row);
    const task = taskIn(row);
    const key = `${task.parentTxnSeq}.${task.executionSeq}`;
    const refusals = [...(tasks.get(key)?.refusals ?? []), { runnerId, reason }];
    tasks.set(key, { task, configPath, refusals });
  }
  return [...tasks.values()];
}
