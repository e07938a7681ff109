import * as t from 'io-ts';
import { firingIn } from '../../domain/plans/firing.js';
import type { TaskId } from '../../domain/plans/task-id.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { TaskStatus } from '../records/task-status.js';
import { decodeRow } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { OUTCOME } from './counts-as.js';
import { type EntryHistory, isFrom } from './entry-history.js';

/*
 * An episode is of one entry, the notifier, about another one, the watched entry: from its first failure to the
 * completion after it, as far as the notifier has told them.
 *
 *   beginning ──the notifier's attempt completed──> open ──the same, or dismissed──> closed
 *       └──the failing ended without a notice, or was dismissed──> (no row)
 *
 * It ends without a notice, too, when one of the two entries is removed.
 *
 * A beginning is there before its notice is sent, so that every further attempt, also after a later commit, sends it
 * under the same id. Rows change in the transactions of the notifier's own records only, and in that of a dismissal.
 * Two tasks of one notifier never run at the same time, so that at most one attempt tells of an episode.
 */

/** Facts about one watched entry. */
export interface Episode {
  /** Tells whether the notifier has told that it fails, and not yet that it has completed again. */
  readonly isTold: boolean;
  /** The task whose failure the next notice is about; null: there is nothing to tell. */
  readonly first: TaskId | null;
}

const Row = t.type({
  first_txn_seq: t.number,
  first_execution_seq: t.number,
  state: t.string,
  first_txn_id: t.union([t.string, t.null]),
});

/**
 * The episode of a notifier about a watched entry. One that was closed and whose first failure has come back, because
 * somebody has taken up what was dismissed, is open again: it has been told.
 */
export function* episodeOf(
  transaction: ControlTransaction,
  pair: EpisodePair,
  watched: { readonly hasFailed: boolean; readonly history: EntryHistory },
): Coroutine<Episode> {
  const { hasFailed, history } = watched;
  const row = yield* unended(transaction.all, pair);
  if (row?.state === 'open') return { isTold: true, first: firstOf(row) };
  if (!hasFailed || history.isLate) return { isTold: false, first: null };
  // It began after what ended the failing before; with its own first failure it may have come to an end meanwhile.
  if (row !== null && isFrom(history.endedBefore, firstOf(row)))
    return { isTold: false, first: firstOf(row) };
  const first = history.firstFailing;
  const reopened =
    first !== null &&
    (yield* transaction.run(
      `UPDATE episodes SET state = 'open', ended_by = NULL, ended_txn_seq = NULL, ended_execution_seq = NULL
       WHERE notifier = @notifier AND watched = @watched AND state = 'closed'
         AND first_txn_seq = @txn_seq AND first_execution_seq = @execution_seq
         AND NOT EXISTS (SELECT 1 FROM episodes AS other WHERE other.notifier = @notifier
                         AND other.watched = @watched AND other.state <> 'closed')`,
      { ...pair, txn_seq: first.parentTxnSeq, execution_seq: first.executionSeq },
    )) > 0;
  return { isTold: reopened, first };
}

/** The two entries that an episode is between, by path. */
export interface EpisodePair {
  readonly notifier: string;
  readonly watched: string;
}

function* unended(
  read: ReadRows,
  { notifier, watched }: EpisodePair,
): Coroutine<t.TypeOf<typeof Row> | null> {
  const [row] = yield* read(
    `SELECT first_txn_seq, first_execution_seq, episodes.state, task_states.txn_id AS first_txn_id
     FROM episodes LEFT JOIN task_states
       ON parent_txn_seq = first_txn_seq AND execution_seq = first_execution_seq
     WHERE notifier = @notifier AND watched = @watched AND episodes.state <> 'closed'`,
    { notifier, watched },
  );
  return row === undefined ? null : decodeRow(Row, row);
}

const firstOf = ({ first_txn_seq, first_execution_seq, first_txn_id }: t.TypeOf<typeof Row>): TaskId => ({
  parentTxnSeq: first_txn_seq,
  executionSeq: first_execution_seq,
  ...(first_txn_id === null ? {} : firingIn(first_execution_seq, first_txn_id)),
});

/** An attempt of the notifier begins that tells these; whatever an earlier one was about to tell, it tells no more. */
export function* beginTelling(
  transaction: ControlTransaction,
  notifier: Pick<TaskStatus, 'configPath' | 'parentTxnSeq' | 'executionSeq'>,
  due: readonly { readonly watched: string; readonly of: 'begins' | 'ends'; readonly first: TaskId }[],
): Coroutine<void> {
  const by = {
    notifier: notifier.configPath,
    telling_txn_seq: notifier.parentTxnSeq,
    telling_execution_seq: notifier.executionSeq,
  };
  yield* transaction.run(
    `UPDATE episodes SET telling_txn_seq = NULL, telling_execution_seq = NULL
     WHERE notifier = @notifier AND telling_txn_seq IS NOT NULL`,
    { notifier: notifier.configPath },
  );
  for (const { watched, of, first } of due) {
    if (of === 'begins') {
      yield* transaction.run(
        `DELETE FROM episodes WHERE notifier = @notifier AND watched = @watched AND state = 'beginning'
           AND (first_txn_seq <> @txn_seq OR first_execution_seq <> @execution_seq)`,
        {
          notifier: notifier.configPath,
          watched,
          txn_seq: first.parentTxnSeq,
          execution_seq: first.executionSeq,
        },
      );
      yield* transaction.run(
        `INSERT INTO episodes (notifier, watched, first_txn_seq, first_execution_seq, state)
         SELECT @notifier, @watched, @txn_seq, @execution_seq, 'beginning'
         WHERE NOT EXISTS (SELECT 1 FROM episodes
                           WHERE notifier = @notifier AND watched = @watched AND state <> 'closed')`,
        {
          notifier: notifier.configPath,
          watched,
          txn_seq: first.parentTxnSeq,
          execution_seq: first.executionSeq,
        },
      );
    }
    yield* transaction.run(
      `UPDATE episodes SET telling_txn_seq = @telling_txn_seq, telling_execution_seq = @telling_execution_seq
       WHERE notifier = @notifier AND watched = @watched AND state <> 'closed'`,
      { ...by, watched },
    );
  }
}

/** Marks what an attempt of the notifier was about to tell as told: beginnings are open now, and what was open is closed. */
export function* endTelling(
  transaction: ControlTransaction,
  { parentTxnSeq, executionSeq }: TaskId,
): Coroutine<void> {
  const by = { txn_seq: parentTxnSeq, execution_seq: executionSeq };
  const TOLD = 'telling_txn_seq = @txn_seq AND telling_execution_seq = @execution_seq';
  yield* transaction.run(
    `UPDATE episodes SET state = 'closed', ended_by = 'notice', ended_txn_seq = @txn_seq,
       ended_execution_seq = @execution_seq, telling_txn_seq = NULL, telling_execution_seq = NULL
     WHERE ${TOLD} AND state = 'open'`,
    by,
  );
  yield* transaction.run(
    `UPDATE episodes SET state = 'open', begun_txn_seq = @txn_seq, begun_execution_seq = @execution_seq,
       telling_txn_seq = NULL, telling_execution_seq = NULL
     WHERE ${TOLD} AND state = 'beginning'`,
    by,
  );
}

/** A failure was dismissed: where it is the newest thing that is known of its entry, all episodes about that are over. */
export function* endByDismissal(
  transaction: ControlTransaction,
  { configPath, parentTxnSeq, executionSeq }: TaskStatus,
): Coroutine<void> {
  const about = { watched: configPath, txn_seq: parentTxnSeq, execution_seq: executionSeq };
  const NEWEST = `NOT EXISTS (
    SELECT 1 FROM task_states WHERE config_path = @watched AND parent_txn_seq >= @txn_seq
      AND (parent_txn_seq > @txn_seq OR task_states.execution_seq > @execution_seq) AND state NOT IN ('pending', 'started') AND (${OUTCOME}) IS NOT NULL)`;
  yield* transaction.run(
    `DELETE FROM episodes WHERE watched = @watched AND state = 'beginning' AND ${NEWEST}`,
    about,
  );
  yield* transaction.run(
    `UPDATE episodes SET state = 'closed', ended_by = 'dismissal', ended_txn_seq = @txn_seq,
       ended_execution_seq = @execution_seq, telling_txn_seq = NULL, telling_execution_seq = NULL
     WHERE watched = @watched AND state = 'open' AND ${NEWEST}`,
    about,
  );
}

/** Question about what was told, and has not ended: few ponds have any. */
export const UNENDED_EPISODES = `SELECT episode_id, notifier, watched FROM episodes WHERE state <> 'closed'`;

/** Ends, without a notice, what was told of entries of `/etc/system.d` that are not there any more, or by such. */
export function* endOfRemoved(
  transaction: ControlTransaction,
  entries: readonly string[],
  unended: readonly SqlRow[],
): Coroutine<void> {
  const known = new Set(entries);
  const isGone = (path: string) => path.startsWith(ENTRIES) && !known.has(path);
  for (const row of unended) {
    const { episode_id, notifier, watched } = decodeRow(PairRow, row);
    if (!isGone(watched) && !isGone(notifier)) continue;
    yield* transaction.run(`DELETE FROM episodes WHERE episode_id = @episode_id AND state = 'beginning'`, {
      episode_id,
    });
    yield* transaction.run(
      `UPDATE episodes SET state = 'closed', ended_by = 'dismissal', telling_txn_seq = NULL, telling_execution_seq = NULL
       WHERE episode_id = @episode_id AND state = 'open'`,
      { episode_id },
    );
  }
}

const ENTRIES = '/etc/system.d/';

const PairRow = t.type({ episode_id: t.number, notifier: t.string, watched: t.string });
