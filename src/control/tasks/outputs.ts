import * as t from 'io-ts';
import type { TaskId } from '../../domain/plans/task-id.js';
import { ask, type ControlStore, decodeRow, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import type { TaskMethods } from '../task-methods.js';

const OutputRow = t.type({ attempt: t.number, lines: t.string });
const RemovedRow = t.type({ attempts: t.number, bytes: t.number });

/** Output of attempts that is kept with their ends. */
export const outputs = (store: ControlStore): Pick<TaskMethods, 'outputsOf' | 'removeOutputs'> => ({
  outputsOf: (task) =>
    ask(store, function* (read) {
      const rows = yield* read(
        `SELECT attempt, lines FROM outputs
         WHERE parent_txn_seq = @parent_txn_seq AND execution_seq = @execution_seq ORDER BY attempt`,
        keyOf(task),
      );
      return rows.map((row) => decodeRow(OutputRow, row));
    }),
  removeOutputs: (timestamp, { dryRun }) =>
    transact(store, 'relaxed', function* (transaction) {
      const [row] = yield* transaction.all(
        `SELECT count(*) AS attempts, CAST(coalesce(sum(octet_length(lines)), 0) AS BIGINT) AS bytes
         FROM outputs WHERE kept_at < @timestamp`,
        { timestamp },
      );
      if (!dryRun) yield* transaction.run('DELETE FROM outputs WHERE kept_at < @timestamp', { timestamp });
      return decodeRow(RemovedRow, row ?? {});
    }),
});

/** Keeps what an attempt said with its end. What is there under its number is of a commit that has gone. */
export function* keepOutput(
  transaction: ControlTransaction,
  task: TaskId,
  {
    attempt,
    timestamp,
    output,
  }: { readonly attempt: number; readonly timestamp: number; readonly output: string },
): Coroutine<void> {
  yield* transaction.send(KEEP, { attempt, kept_at: timestamp, lines: output, ...keyOf(task) });
}

const KEEP = `INSERT INTO outputs (parent_txn_seq, execution_seq, attempt, kept_at, lines)
  VALUES (@parent_txn_seq, @execution_seq, @attempt, @kept_at, @lines)
  ON CONFLICT (parent_txn_seq, execution_seq, attempt) DO UPDATE SET kept_at = excluded.kept_at, lines = excluded.lines`;

const keyOf = ({ parentTxnSeq, executionSeq }: TaskId) => ({
  parent_txn_seq: parentTxnSeq,
  execution_seq: executionSeq,
});
