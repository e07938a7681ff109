import * as t from 'io-ts';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { Claim } from '../records/claim.js';
import type { StoredClaim } from '../runners/claim-rows.js';
import { decodeRow, refusal } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';

/*
 * What the holder of a claim does not know by himself when he begins or ends an attempt. It is one look each: a commit of
 * many tasks has two for each of them, and most find nothing in their way.
 */

/** Facts that a start finds. */
interface HeldAtStart extends Pick<StoredClaim, 'running' | 'isCancelled'> {
  /** Tells whether no other claim of its path goes first, no process group of it is left, and no later task of it has completed. */
  readonly isAlone: boolean;
}

/** Facts that an end finds. */
interface HeldAtEnd extends Pick<StoredClaim, 'running'> {
  /** Tells whether a process group is recorded under the claim. */
  readonly hasGroup: boolean;
  /** Tells whether the attempt was to tell the beginning or the end of an episode. */
  readonly tells: boolean;
}

/** Other claims of a claim's path that are running. Mostly there are none, and none of those before it. */
export const FROM_CLAIMS_RUNNING =
  'FROM claims WHERE config_path = @config_path AND running = 1 AND token <> @token';

/** Claims of earlier tasks of its path, by a range of their own: a backlog of ten thousand of one path is started in its order cheaply. */
export const FROM_CLAIMS_BEFORE = `FROM claims WHERE config_path = @config_path AND running = 0 AND token <> @token
  AND parent_txn_seq <= @parent_txn_seq
  AND (parent_txn_seq < @parent_txn_seq OR execution_seq <= @execution_seq)`;

/** Later tasks of its path that have completed. */
export const FROM_COMPLETED_LATER = `FROM task_states
  WHERE config_path = @config_path AND parent_txn_seq >= @parent_txn_seq
    AND (parent_txn_seq > @parent_txn_seq OR execution_seq > @execution_seq)
    AND state = 'completed' AND state NOT IN ('pending', 'started')`;

/** The claim and the place of its task, as those statements ask for them. */
export const placeOf = ({ token, configPath, parentTxnSeq, executionSeq }: Claim) => ({
  token,
  config_path: configPath,
  parent_txn_seq: parentTxnSeq,
  execution_seq: executionSeq,
});

const HELD = `FROM claims WHERE token = @token AND runner_id = @runner_id
  AND parent_txn_seq = @parent_txn_seq AND execution_seq = @execution_seq`;

const AtStartRow = t.type({ running: t.number, cancelled: t.number, hindered: t.number });

/** Refuses who holds the claim no longer, as `mustHold` does. */
export function* heldAtStart(read: ReadRows, claim: Claim): Coroutine<HeldAtStart> {
  const rows = yield* read(
    `SELECT running, cancelled, CASE WHEN EXISTS (SELECT 1 ${FROM_CLAIMS_RUNNING})
         OR EXISTS (SELECT 1 ${FROM_CLAIMS_BEFORE})
         OR EXISTS (SELECT 1 FROM process_groups WHERE config_path = @config_path)
         OR EXISTS (SELECT 1 ${FROM_COMPLETED_LATER}) THEN 1 ELSE 0 END AS hindered ${HELD}`,
    { runner_id: claim.runnerId, ...placeOf(claim) },
  );
  const { running, cancelled, hindered } = decodeRow(AtStartRow, held(rows, claim));
  return { running: running === 1, isCancelled: cancelled === 1, isAlone: hindered === 0 };
}

const AtEndRow = t.type({ running: t.number, has_group: t.number, tells: t.number });

/** Likewise for an end. */
export function* heldAtEnd(read: ReadRows, claim: Claim): Coroutine<HeldAtEnd> {
  const rows = yield* read(
    `SELECT running,
       CASE WHEN EXISTS (SELECT 1 FROM process_groups WHERE token = @token) THEN 1 ELSE 0 END AS has_group,
       CASE WHEN EXISTS (SELECT 1 FROM episodes WHERE telling_txn_seq = @parent_txn_seq
         AND telling_execution_seq = @execution_seq) THEN 1 ELSE 0 END AS tells ${HELD}`,
    { runner_id: claim.runnerId, ...placeOf(claim) },
  );
  const { running, has_group: group, tells } = decodeRow(AtEndRow, held(rows, claim));
  return { running: running === 1, hasGroup: group === 1, tells: tells === 1 };
}

const held = ([row]: readonly SqlRow[], claim: Claim): SqlRow => {
  if (row === undefined) throw refusal({ _tag: 'StaleToken', task: printTaskId(claim), token: claim.token });
  return row;
};
