import * as t from 'io-ts';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import { decodeRow, type ReadRows } from '../control-store.js';
import { OUTCOME } from './counts-as.js';

/** History of an entry, commit by commit, seen from one of its tasks. */
export interface EntryHistory {
  /** Tells whether a later commit's task of it has completed or failed. */
  readonly isLate: boolean;
  /** Outcome of the newest earlier commit's task. */
  readonly previousState: TaskOutcome['previousState'];
  /** The newest task up to this one with which its failing came to an end: it completed, or was dismissed. 0: none. */
  readonly endedBefore: number;
  /** The task with which it began to fail, where it fails now, or did until it completed now. */
  readonly firstFailing: TaskId | null;
  readonly failingSince: number | null;
}

/** The entry at `configPath`, seen from its task after commit `txnSeq`, which has failed or has not. */
export const entryHistory = (
  read: ReadRows,
  configPath: string,
  { txnSeq, hasFailed }: { readonly txnSeq: number; readonly hasFailed: boolean },
): EntryHistory => {
  const about = { config_path: configPath, txn_seq: txnSeq };
  const one = <A>(codec: t.Type<A, unknown>, query: string, parameters = {}): A | null => {
    const [row] = read(query, { ...about, ...parameters });
    return row === undefined ? null : decodeRow(codec, row);
  };
  const later = one(
    t.UnknownRecord,
    `SELECT 1 AS later FROM task_states WHERE config_path = @config_path AND parent_txn_seq > @txn_seq
       AND ${ENDED} AND (${OUTCOME}) IS NOT NULL LIMIT 1`,
  );
  const previous = one(
    Previous,
    `SELECT parent_txn_seq, (${OUTCOME}) AS outcome FROM task_states
     WHERE config_path = @config_path AND parent_txn_seq < @txn_seq AND ${ENDED} AND (${OUTCOME}) IS NOT NULL
     ORDER BY parent_txn_seq DESC LIMIT 1`,
  );
  // The failures that are looked at end with this task, or else with the one before.
  const upTo = hasFailed ? txnSeq : (previous?.parent_txn_seq ?? 0);
  const settled = one(
    Settled,
    `SELECT coalesce(max(parent_txn_seq), 0) AS settled FROM task_states
     WHERE config_path = @config_path AND parent_txn_seq <= @up_to AND ${ENDED}
       AND (state = 'dismissed' OR (${OUTCOME}) = 'completed')`,
    { up_to: upTo },
  );
  const endedBefore = settled?.settled ?? 0;
  const first = one(
    First,
    `SELECT parent_txn_seq, execution_seq, txn_id FROM task_states
     WHERE config_path = @config_path AND parent_txn_seq > @settled AND parent_txn_seq <= @up_to AND ${ENDED}
       AND (${OUTCOME}) = 'failed' ORDER BY parent_txn_seq LIMIT 1`,
    { up_to: upTo, settled: endedBefore },
  );
  return {
    isLate: later !== null,
    previousState: previous?.outcome ?? null,
    endedBefore,
    firstFailing:
      first === null ? null : { parentTxnSeq: first.parent_txn_seq, executionSeq: first.execution_seq },
    failingSince: first === null ? null : failedAt(read, first),
  };
};

/** Makes the index of ended tasks the one to use. */
const ENDED = `state NOT IN ('pending', 'started')`;

const Outcome = t.keyof({ completed: null, failed: null });
const Previous = t.type({ parent_txn_seq: t.number, outcome: Outcome });
const Settled = t.type({ settled: t.number });
const First = t.type({ parent_txn_seq: t.number, execution_seq: t.number, txn_id: t.string });
const FailedAt = t.type({ failed_at: t.union([t.number, t.null]) });

const failedAt = (read: ReadRows, { txn_id, execution_seq }: t.TypeOf<typeof First>): number | null => {
  const [row] = read(
    `SELECT min(timestamp) AS failed_at FROM control_table WHERE txn_id = @txn_id AND execution_seq = @execution_seq
       AND record_type IN ('post_commit_failed', 'post_commit_rolled_back', 'post_commit_skipped')`,
    { txn_id, execution_seq },
  );
  return decodeRow(FailedAt, row).failed_at;
};
