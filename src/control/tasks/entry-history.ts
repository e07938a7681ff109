import * as t from 'io-ts';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { SqlRow } from '../../ports/sql-database.js';
import { decodeRow } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { OUTCOME } from './counts-as.js';
import { taskIn } from './task-records.js';

/** Place of a task among all tasks of its entry: later ones are of later commits, or of later firings after the same commit. */
export type PlaceInHistory = Pick<TaskId, 'parentTxnSeq' | 'executionSeq'>;

/** The place before all others. */
const BEFORE_ALL: PlaceInHistory = { parentTxnSeq: 0, executionSeq: 0 };

/** Tells whether one place is not before another. */
export const isFrom = (from: PlaceInHistory, place: PlaceInHistory): boolean =>
  place.parentTxnSeq - from.parentTxnSeq > 0 ||
  (place.parentTxnSeq === from.parentTxnSeq && place.executionSeq >= from.executionSeq);

/** History of an entry, commit by commit and firing by firing, seen from one of its tasks. */
export interface EntryHistory {
  /** Tells whether a later task of it has completed or failed. */
  readonly isLate: boolean;
  /** Outcome of the newest earlier task. */
  readonly previousState: TaskOutcome['previousState'];
  /** The newest task up to this one with which its failing came to an end: it completed, or was dismissed. */
  readonly endedBefore: PlaceInHistory;
  /** The task with which it began to fail, where it fails now, or did until it completed now. */
  readonly firstFailing: TaskId | null;
  readonly failingSince: number | null;
}

/** The entry at `configPath`, seen from one of its tasks, which has failed or has not. */
export function* entryHistory(
  read: ReadRows,
  configPath: string,
  { place, hasFailed }: { readonly place: PlaceInHistory; readonly hasFailed: boolean },
): Coroutine<EntryHistory> {
  const about = { config_path: configPath, txn_seq: place.parentTxnSeq, execution_seq: place.executionSeq };
  const one = function* <A>(
    codec: t.Type<A, unknown>,
    query: string,
    parameters = about,
  ): Coroutine<A | null> {
    const [row] = yield* read(query, parameters);
    return row === undefined ? null : decodeRow(codec, row);
  };
  const later = yield* one(
    t.UnknownRecord,
    `SELECT 1 AS later FROM task_states WHERE config_path = @config_path AND ${AFTER}
       AND ${ENDED} AND (${OUTCOME}) IS NOT NULL LIMIT 1`,
  );
  const previous = yield* one(
    Previous,
    `SELECT parent_txn_seq, execution_seq, (${OUTCOME}) AS outcome FROM task_states
     WHERE config_path = @config_path AND ${BEFORE} AND ${ENDED} AND (${OUTCOME}) IS NOT NULL
     ORDER BY parent_txn_seq DESC, execution_seq DESC LIMIT 1`,
  );
  // The failures that are looked at end with this task, or else with the one before.
  const upTo = hasFailed ? place : previous === null ? BEFORE_ALL : placeOf(previous);
  const until = { ...about, txn_seq: upTo.parentTxnSeq, execution_seq: upTo.executionSeq };
  const settled = yield* one(
    Place,
    `SELECT parent_txn_seq, execution_seq FROM task_states
     WHERE config_path = @config_path AND ${UP_TO} AND ${ENDED}
       AND (state = 'dismissed' OR (${OUTCOME}) = 'completed')
     ORDER BY parent_txn_seq DESC, execution_seq DESC LIMIT 1`,
    until,
  );
  const endedBefore = settled === null ? BEFORE_ALL : placeOf(settled);
  const [first] = yield* read(
    `SELECT parent_txn_seq, execution_seq, txn_id FROM task_states
     WHERE config_path = @config_path AND ${UP_TO} AND ${ENDED} AND (${OUTCOME}) = 'failed'
       AND parent_txn_seq >= @settled_seq AND (parent_txn_seq > @settled_seq OR execution_seq > @settled_place)
     ORDER BY parent_txn_seq, execution_seq LIMIT 1`,
    { ...until, settled_seq: endedBefore.parentTxnSeq, settled_place: endedBefore.executionSeq },
  );
  return {
    isLate: later !== null,
    previousState: previous?.outcome ?? null,
    endedBefore,
    firstFailing: first === undefined ? null : taskIn(first),
    failingSince: first === undefined ? null : yield* failedAt(read, first),
  };
}

/** Bounds of the index first: an entry may have ten thousand tasks. */
const AFTER =
  '(parent_txn_seq >= @txn_seq AND (parent_txn_seq > @txn_seq OR execution_seq > @execution_seq))';
const BEFORE =
  '(parent_txn_seq <= @txn_seq AND (parent_txn_seq < @txn_seq OR execution_seq < @execution_seq))';
const UP_TO =
  '(parent_txn_seq <= @txn_seq AND (parent_txn_seq < @txn_seq OR execution_seq <= @execution_seq))';

/** Makes the index of ended tasks the one to use. */
const ENDED = `state NOT IN ('pending', 'started')`;

const Outcome = t.keyof({ completed: null, failed: null });
const Place = t.type({ parent_txn_seq: t.number, execution_seq: t.number });
const Previous = t.intersection([Place, t.type({ outcome: Outcome })]);

const placeOf = ({ parent_txn_seq, execution_seq }: t.TypeOf<typeof Place>): PlaceInHistory => ({
  parentTxnSeq: parent_txn_seq,
  executionSeq: execution_seq,
});

/** Failures of an entry since it last completed: one that was skipped, dismissed or cancelled says nothing of it. */
export function* failuresSinceCompletion(
  read: ReadRows,
  configPath: string,
): Coroutine<{ readonly failures: number; readonly since: number | null }> {
  const [row] = yield* read(
    `SELECT parent_txn_seq, execution_seq FROM task_states
     WHERE config_path = @config_path AND ${ENDED} AND state = 'completed'
     ORDER BY parent_txn_seq DESC, execution_seq DESC LIMIT 1`,
    { config_path: configPath },
  );
  const completed = row === undefined ? BEFORE_ALL : placeOf(decodeRow(Place, row));
  const about = {
    config_path: configPath,
    txn_seq: completed.parentTxnSeq,
    execution_seq: completed.executionSeq,
  };
  const failures = `FROM task_states
    WHERE config_path = @config_path AND ${AFTER} AND ${ENDED} AND state IN ('failed', 'rolled_back')`;
  const [first] = yield* read(
    `SELECT execution_seq, txn_id ${failures} ORDER BY parent_txn_seq, execution_seq LIMIT 1`,
    about,
  );
  if (first === undefined) return { failures: 0, since: null };
  const [counted] = yield* read(`SELECT count(*) AS failures ${failures}`, about);
  return { ...decodeRow(Failures, counted), since: yield* failedAt(read, first) };
}

const Failures = t.type({ failures: t.number });

const FailedAt = t.type({ failed_at: t.union([t.number, t.null]) });

const First = t.type({ execution_seq: t.number, txn_id: t.string });

function* failedAt(read: ReadRows, first: SqlRow): Coroutine<number | null> {
  const { txn_id, execution_seq } = decodeRow(First, first);
  const [row] = yield* read(
    `SELECT min(timestamp) AS failed_at FROM control_table WHERE txn_id = @txn_id AND execution_seq = @execution_seq
       AND record_type IN ('post_commit_failed', 'post_commit_rolled_back', 'post_commit_skipped',
                       'firing_failed', 'firing_skipped')`,
    { txn_id, execution_seq },
  );
  return decodeRow(FailedAt, row).failed_at;
}
