import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import type { ControlError } from '../control-error.js';
import type { Claim } from '../records/claim.js';
import type { RunnerMethods } from '../runner-methods.js';
import { ask, type ControlStore, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { readClaim, toClaim } from './claim-rows.js';

/** Taking over claims that others have left to a runner, because they wait for one of its own, or for what it causes. */
export const leftClaims = (
  store: ControlStore,
): Pick<RunnerMethods, 'takeLeftClaims' | 'takeDerivedClaims'> => ({
  takeLeftClaims: (runnerId, awaited) => takeWhere(store, LEFT, { runner_id: runnerId, ...among(awaited) }),

  takeDerivedClaims: (runnerId, txnSeq) =>
    takeWhere(store, DERIVED_OF, { runner_id: runnerId, txn_seq: txnSeq }),
});

/** Takes all that is left to a runner which is about to end, and that nobody waits for. */
export const takeAllLeft = (transaction: ControlTransaction, runnerId: string): Coroutine<readonly Claim[]> =>
  take(transaction, LEFT, { runner_id: runnerId, ...among([]) });

/**
 * Claims that others have left to a runner. A derived commit's wait until the plan of the commit that caused it has
 * ended, and are left alone where somebody in this process waits for what that commit sets off.
 */
const LEFT = `runner_id = @runner_id AND left_by_other = 1 AND (
  waits_for IS NULL
  OR waits_for NOT IN (SELECT value FROM json_each(@awaited)) AND NOT EXISTS (
    SELECT 1 FROM claims AS before JOIN task_states USING (parent_txn_seq, execution_seq)
    WHERE before.runner_id = claims.runner_id AND before.parent_txn_seq = claims.waits_for
      AND before.execution_seq < ${FIRST_OF_FIRINGS}
      AND task_states.state IN ('pending', 'started')))`;

const among = (awaited: readonly number[]) => ({ awaited: JSON.stringify(awaited) });

/** The claims that derived commits have left to a runner because of one commit, whose plan has ended. */
const DERIVED_OF = 'runner_id = @runner_id AND left_by_other = 1 AND waits_for = @txn_seq';

type Parameters = Readonly<Record<string, string | number>>;

/** Most of the time there is nothing to take, which is seen without a transaction. */
const takeWhere = (
  store: ControlStore,
  condition: string,
  parameters: Parameters,
): TE.TaskEither<ControlError, readonly Claim[]> =>
  pipe(
    ask(store, (read) => read(`SELECT token FROM claims WHERE ${condition} LIMIT 1`, parameters)),
    TE.flatMap((left) =>
      left.length === 0
        ? TE.right([])
        : transact(store, 'relaxed', (transaction) => take(transaction, condition, parameters)),
    ),
  );

/** Takes claims that others have left; from now on they are the runner's own. */
function* take(
  transaction: ControlTransaction,
  condition: string,
  parameters: Parameters,
): Coroutine<readonly Claim[]> {
  const taken = yield* transaction.all(
    `UPDATE claims SET left_by_other = 0, waits_for = NULL WHERE ${condition} RETURNING *`,
    parameters,
  );
  return taken
    .map(readClaim)
    .map(toClaim)
    .sort((a, b) => a.parentTxnSeq - b.parentTxnSeq || a.executionSeq - b.executionSeq);
}
