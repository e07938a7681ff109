import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ControlError } from '../control-error.js';
import type { FleetStatus, QueueStatus, RunningAttempt, WorkerStatus } from '../records/fleet-status.js';
import { ask, type ControlStore, decodeRow } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import { jsonText } from '../store/json-text.js';
import { readClaim, readRunner, type StoredClaim } from './claim-rows.js';

/** Runners that live, what each of them does now, and the tasks that have not begun. */
export const fleetStatus = (store: ControlStore): TaskEither<ControlError, FleetStatus> =>
  ask(store, function* (read) {
    const isLive = store.signs.liveness(read);
    const workers: WorkerStatus[] = [];
    for (const row of yield* read('SELECT * FROM runners ORDER BY started_at, runner_id')) {
      const { runnerId } = readRunner(row);
      if (!(yield* isLive(runnerId))) continue;
      const claims = (yield* read('SELECT * FROM claims WHERE runner_id = @runner_id ORDER BY token', {
        runner_id: runnerId,
      })).map(readClaim);
      const running = yield* inOrder(
        claims.filter((claim) => claim.running),
        (claim) => attemptOf(read, claim),
      );
      workers.push(workerOf(row, running, claims.length - running.length));
    }
    return { workers, queue: yield* queueStatus(read) };
  });

/** Columns that only a table on a server has are missing in others. */
const WorkerRow = t.intersection([
  t.type({ started_at: t.number }),
  t.partial({
    background: t.number,
    host: t.union([t.string, t.null]),
    queues: t.union([t.null, jsonText(t.array(t.string))]),
    concurrency: t.union([t.number, t.null]),
  }),
]);

const workerOf = (row: SqlRow, running: readonly RunningAttempt[], waiting: number): WorkerStatus => {
  const { started_at, background, host, queues, concurrency } = decodeRow(WorkerRow, row);
  return {
    ...readRunner(row),
    host: host ?? null,
    startedAt: started_at,
    isInBackground: background === 1,
    queues: queues ?? null,
    concurrency: concurrency ?? null,
    running,
    waiting,
  };
};

const Started = t.type({ timestamp: t.number, attempt: t.union([t.number, t.null]) });

function* attemptOf(read: ReadRows, claim: StoredClaim): Coroutine<RunningAttempt> {
  const { parentTxnSeq, executionSeq, firing, configPath } = claim;
  const [row] = yield* read(
    `SELECT timestamp, attempt FROM control_table WHERE txn_id = @txn_id AND execution_seq = @execution_seq
     ORDER BY record_id DESC LIMIT 1`,
    { txn_id: claim.txnId, execution_seq: executionSeq },
  );
  const { timestamp, attempt } = decodeRow(Started, row);
  return {
    task: { parentTxnSeq, executionSeq, ...(firing === undefined ? {} : { firing }) },
    configPath,
    attempt: attempt ?? 0,
    startedAt: timestamp,
  };
}

function* queueStatus(read: ReadRows): Coroutine<QueueStatus> {
  const [count] = yield* read(`SELECT count(*) AS pending FROM task_states WHERE state = 'pending'`);
  const [oldest] = yield* read(
    `SELECT timestamp FROM control_table JOIN (
       SELECT txn_id, execution_seq FROM task_states WHERE state = 'pending'
       ORDER BY parent_txn_seq, execution_seq LIMIT 1) AS first
     ON control_table.txn_id = first.txn_id AND control_table.execution_seq = first.execution_seq
     ORDER BY record_id DESC LIMIT 1`,
  );
  return {
    pending: decodeRow(t.type({ pending: t.number }), count).pending,
    oldestAt: oldest === undefined ? null : decodeRow(t.type({ timestamp: t.number }), oldest).timestamp,
  };
}
