import * as t from 'io-ts';
import { firingOrdinalOf, firingSeq, isOfFiring } from '../../domain/plans/firing.js';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { FiringMethods } from '../firing-methods.js';
import type { ControlRecord } from '../records/control-record.js';
import type { DueFiring, FiringOutcome, FiringStatus } from '../records/firing-record.js';
import { newClaim } from '../runners/claim-rows.js';
import { ALL, ask, type ControlStore, decodeRow, transact } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import { append, readRecord } from '../store/record-row.js';
import { historyOf, taskIn, tasksAmong } from '../tasks/task-records.js';

/** Firings of schedules: of all that serve a pond one records each, in an immediate transaction, and runs it. */
export const firings = (store: ControlStore): FiringMethods => ({
  recordFiring: (firing) => transact(store, 'durable', (transaction) => record(store, transaction, firing)),
  firings: (limit) => ask(store, (read) => newestFirings(read, limit)),
  firingsOf: (configPath, limit) => ask(store, (read) => firingsOfEntry(read, configPath, limit)),
  newestDue: (configPath, notAfter) =>
    ask(store, function* (read) {
      const [row] = yield* read(
        `SELECT max(due_at) AS due_at FROM control_table
         WHERE config_path = @config_path AND due_at IS NOT NULL AND due_at <= @not_after`,
        { config_path: configPath, not_after: notAfter },
      );
      return decodeRow(t.type({ due_at: t.union([t.number, t.null]) }), row).due_at;
    }),
});

function* record(
  store: ControlStore,
  transaction: ControlTransaction,
  firing: DueFiring,
): Coroutine<FiringOutcome> {
  const { name, configPath, dueAt, timestamp, txnSeq, configTxnSeq, traceParent, missed } = firing;
  const known = yield* transaction.all('SELECT 1 FROM control_table WHERE txn_id = @name LIMIT 1', { name });
  if (known.length > 0) return { _tag: 'KnownAlready' };
  const open = yield* unendedOf(transaction, configPath, timestamp);
  if (open !== null) return { _tag: 'Overlaps', task: open };

  const ordinal = yield* nextOrdinal(transaction, txnSeq);
  const common = (task: DueFiring['tasks'][number]) =>
    ({
      txnSeq,
      txnId: name,
      timestamp,
      configTxnSeq,
      parentTxnSeq: txnSeq,
      transactionType: 'firing',
      executionSeq: firingSeq(ordinal, task.place),
      factoryName: task.factoryName,
      configPath: task.configPath,
    }) as const;
  for (const task of firing.tasks) {
    const due = task.place === 0 ? { dueAt, errorMessage: firing.standsFor } : {};
    yield* append(transaction, { ...common(task), ...due, recordType: 'firing_pending', traceParent });
    if (task.rejected !== null) {
      const fault = { attempt: 0, errorMessage: task.rejected };
      yield* append(transaction, { ...common(task), ...fault, recordType: 'firing_failed' });
    } else if (missed !== null) {
      const reason = { skipCause: 'missed', errorMessage: missed } as const;
      yield* append(transaction, { ...common(task), ...reason, recordType: 'firing_skipped' });
    }
  }
  if (store.keepPlaces !== null && missed === null) {
    const places = firing.tasks.flatMap(({ place, order }) =>
      order === undefined
        ? []
        : [
            {
              ...order,
              executionSeq: firingSeq(ordinal, place),
              needs: order.needs.map((needed) => firingSeq(ordinal, needed)),
            },
          ],
    );
    yield* store.keepPlaces(transaction, txnSeq, { places, setup: null });
  }
  const runnable = missed === null ? firing.tasks.filter(({ rejected }) => rejected === null) : [];
  const claims = yield* inOrder(runnable, (task) =>
    newClaim(transaction, firing.claimedBy, {
      parentTxnSeq: txnSeq,
      executionSeq: firingSeq(ordinal, task.place),
      txnId: name,
      configPath: task.configPath,
      attempts: 0,
    }),
  );
  return { _tag: 'Recorded', claims };
}

/** An earlier firing of the entry that is to be run or is running. One that waits for the time of its next attempt is neither. */
function* unendedOf(
  transaction: ControlTransaction,
  configPath: string,
  now: number,
): Coroutine<TaskId | null> {
  const open = yield* transaction.all(
    `SELECT parent_txn_seq, execution_seq, txn_id FROM task_states
     WHERE state IN ('pending', 'started') AND config_path = @config_path
     ORDER BY parent_txn_seq, execution_seq`,
    { config_path: configPath },
  );
  for (const task of open.map(taskIn)) {
    if (!isOfFiring(task.executionSeq)) continue;
    const { notBefore } = (yield* historyOf(transaction.all, task)).status;
    if (notBefore === null || notBefore <= now) return task;
  }
  return null;
}

/** Counts the firings that were recorded after the same commit. */
function* nextOrdinal(transaction: ControlTransaction, txnSeq: number): Coroutine<number> {
  const [row] = yield* transaction.all(
    'SELECT coalesce(max(execution_seq), 0) AS newest FROM task_states WHERE parent_txn_seq = @txn_seq',
    { txn_seq: txnSeq },
  );
  return firingOrdinalOf(decodeRow(t.type({ newest: t.number }), row).newest) + 1;
}

function* newestFirings(read: ReadRows, limit: number | null): Coroutine<readonly FiringStatus[]> {
  const rows = yield* read(
    `WITH chosen AS MATERIALIZED (
       SELECT txn_id, txn_seq, record_id FROM control_table WHERE due_at IS NOT NULL
       ORDER BY txn_seq DESC, record_id DESC LIMIT @limit)
     SELECT control_table.* FROM chosen JOIN control_table ON control_table.txn_id = chosen.txn_id
     ORDER BY chosen.txn_seq DESC, chosen.record_id DESC, control_table.record_id`,
    { limit: limit ?? ALL },
  );
  return firingsAmong(rows.map(readRecord));
}

function* firingsOfEntry(
  read: ReadRows,
  configPath: string,
  limit: number,
): Coroutine<readonly FiringStatus[]> {
  const rows = yield* read(
    `WITH chosen AS MATERIALIZED (
       SELECT txn_id, due_at FROM control_table WHERE config_path = @config_path AND due_at IS NOT NULL
       ORDER BY due_at DESC LIMIT @limit)
     SELECT control_table.* FROM chosen JOIN control_table ON control_table.txn_id = chosen.txn_id
     ORDER BY chosen.due_at DESC, control_table.record_id`,
    { config_path: configPath, limit },
  );
  return firingsAmong(rows.map(readRecord));
}

/** Firings by their records, which come together. */
const firingsAmong = (records: readonly ControlRecord[]): readonly FiringStatus[] => {
  const byName = new Map<string, ControlRecord[]>();
  for (const record of records) {
    const known = byName.get(record.txnId);
    if (known === undefined) byName.set(record.txnId, [record]);
    else known.push(record);
  }
  return [...byName].flatMap(([name, own]) => {
    const [first] = own;
    return first?.dueAt == null || first.configPath === null
      ? []
      : [{ name, configPath: first.configPath, dueAt: first.dueAt, tasks: tasksAmong(own) }];
  });
};
