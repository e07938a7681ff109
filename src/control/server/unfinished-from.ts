import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';

/*
 * Ended tasks and claims that were let go of stay in their tables, and in the indexes, until the server cleans up: a minute on a quiet server, and as long
 * as any transaction lasts that may see them, as a dump's. Who looks for the first of what is left would go through all of them each time. So the
 * place is kept before which nothing unfinished is. It moves on now and then, by a transaction of its own: what it has seen is there for good. Triggers bring it back for tasks
 * that come to be, or are asked for again, before it.
 */

/** Seconds between two moves: each leaves a row behind that is dead, too. */
const APART = 1;

/** The place now: where nothing is unfinished, the last that there was. */
const FOUND = `(SELECT task.parent_txn_seq, task.execution_seq,
    coalesce(
      (SELECT token FROM claims WHERE token >= unfinished.token ORDER BY token LIMIT 1),
      (SELECT last_value FROM claims_token_seq)) AS token
  FROM unfinished_from AS unfinished CROSS JOIN LATERAL (
    (SELECT 1 AS place, parent_txn_seq, execution_seq FROM task_states WHERE state IN ('pending', 'started')
       AND (parent_txn_seq, execution_seq) >= (unfinished.parent_txn_seq, unfinished.execution_seq)
     ORDER BY parent_txn_seq, execution_seq LIMIT 1)
    UNION ALL
    (SELECT 2 AS place, parent_txn_seq, execution_seq FROM task_states
     ORDER BY parent_txn_seq DESC, execution_seq DESC LIMIT 1)
    ORDER BY place LIMIT 1) AS task)`;

const IS_BEFORE = `(kept.parent_txn_seq, kept.execution_seq, kept.token)
    IS DISTINCT FROM (found.parent_txn_seq, found.execution_seq, found.token)
  AND kept.moved_at < clock_timestamp() - interval '${APART} s'`;

/** Tells whether it may move on. */
export function* mayMoveOn(read: ReadRows): Coroutine<boolean> {
  const rows = yield* read(`SELECT 1 FROM unfinished_from AS kept, ${FOUND} AS found WHERE ${IS_BEFORE}`);
  return rows.length > 0;
}

/** Moves it on, in a transaction that has changed nothing else. */
export function* moveOn({ run }: Pick<ControlTransaction, 'run'>): Coroutine<void> {
  yield* run(
    `UPDATE unfinished_from AS kept
     SET parent_txn_seq = found.parent_txn_seq, execution_seq = found.execution_seq, token = found.token,
       moved_at = clock_timestamp()
     FROM ${FOUND} AS found WHERE ${IS_BEFORE}`,
  );
}
