import { printTaskId } from '../../domain/plans/task-id.js';
import type { AttemptFailure, EndRecord } from '../records/attempt-record.js';
import type { Claim } from '../records/claim.js';
import type { NewRecord } from '../records/control-record.js';
import { dropClaim, mustHold } from '../runners/claim-rows.js';
import { type ControlStore, illegal, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { completeEnded } from '../store/open-transactions.js';
import { append } from '../store/record-row.js';
import type { TaskMethods } from '../task-methods.js';
import { askAgain } from './ask-again.js';
import { appendSkipped } from './attempt-start.js';
import { cancellationOf } from './cancellation.js';
import { endTelling } from './episodes.js';
import { heldAtEnd } from './held-claim.js';
import type { EndedTask, HeldHistories } from './held-histories.js';
import { keepOutput } from './outputs.js';
import { historyOf, stepRecord, taskColumns } from './task-records.js';

/** Ends of tasks that are not to be begun. A claim that was taken over records nothing: the newer claim's runner says how it ended. */
export const unbegunTasks = (
  store: ControlStore,
): Pick<TaskMethods, 'recordPostCommitSkipped' | 'recordPostCommitRefused'> => ({
  recordPostCommitRefused: (claim, { timestamp, configTxnSeq, traceParent, errorMessage, watchedBy }) =>
    transact(store, 'durable', function* (transaction) {
      yield* mustHold(transaction.all, claim);
      const { status, before } = yield* historyOf(transaction.all, claim);
      const interrupted = status.state === 'started';
      if (interrupted || status.state === 'pending') {
        const attempt = status.attempts + (interrupted ? 0 : 1);
        const columns = { ...taskColumns(status), timestamp, attempt };
        if (!interrupted) {
          yield* append(transaction, {
            ...columns,
            configTxnSeq,
            traceParent,
            ...stepRecord(status, 'started'),
          });
        }
        yield* append(transaction, { ...columns, errorMessage, ...stepRecord(status, 'failed') });
        yield* askAgain(transaction, claim, { before, watchedBy, timestamp });
      }
      yield* dropClaim(transaction, claim);
    }),
  recordPostCommitSkipped: (claim, { timestamp, errorMessage, cause = 'dependency', watchedBy }) =>
    transact(store, 'durable', function* (transaction) {
      yield* mustHold(transaction.all, claim);
      const { status, before } = yield* historyOf(transaction.all, claim);
      // Somebody has cancelled it since it was claimed.
      if (status.state === 'cancelled') return yield* dropClaim(transaction, claim);
      if (status.state !== 'pending' && status.state !== 'started')
        throw illegal(`task ${printTaskId(claim)} is ${status.state}`);
      yield* appendSkipped(transaction, status, { timestamp, cause, reason: errorMessage });
      yield* askAgain(transaction, claim, { before, watchedBy, timestamp });
      yield* dropClaim(transaction, claim);
    }),
});

interface Ending extends Omit<AttemptFailure, 'errorMessage'> {
  readonly step: 'completed' | 'failed' | 'rolled_back';
  readonly errorMessage: string | null;
}

/** Ends an attempt, and returns with which record its task has ended; a claim that was taken over records nothing, as above. */
export function* endAttempt(
  transaction: ControlTransaction,
  record: { readonly claim: Claim } & EndRecord,
  known: HeldHistories,
): Coroutine<EndedTask | null> {
  const { claim } = record;
  const ending = endingOf(record);
  const {
    step,
    attempt,
    timestamp,
    durationMs,
    errorMessage,
    report = null,
    output,
    watchedBy,
    next,
  } = ending;
  const { token } = claim;
  const { running, hasGroup, tells } = yield* heldAtEnd(transaction.all, claim);
  const history =
    (running ? known.take(claim, 'started') : null) ?? (yield* historyOf(transaction.all, claim));
  const { status, before } = history;
  if (!running || status.state !== 'started' || status.attempts !== attempt) {
    throw illegal(`attempt ${attempt} of task ${printTaskId(claim)} is not running`);
  }
  const cancelled = step === 'failed' ? yield* cancellationOf(transaction.all, status) : null;
  const ended: NewRecord = {
    attempt,
    timestamp,
    durationMs,
    errorMessage: cancelled ?? errorMessage,
    report,
    ...taskColumns(status),
    ...stepRecord(status, cancelled === null ? step : 'cancelled'),
  };
  yield* append(transaction, ended);
  if (output != null) yield* keepOutput(transaction, claim, { attempt, timestamp, output });
  if (step === 'completed' && tells) yield* endTelling(transaction, claim);
  if (next === 'release' || next === 'hold' || cancelled !== null)
    yield* askAgain(transaction, claim, { before, watchedBy, timestamp });
  // The work goes on in the runner's process: its path stays taken until `release`, or until the process ends.
  if (next === 'hold') return null;
  // Whoever ends an attempt has ended its children.
  if (hasGroup) yield* transaction.run('DELETE FROM process_groups WHERE token = @token', { token });
  if (next === 'release') {
    // After the record, which on a server has the claim's token and runner in it.
    yield* dropClaim(transaction, claim);
    const { commitDurationMs } = ending;
    if (commitDurationMs !== undefined) {
      yield* completeEnded(transaction, { txnId: claim.txnId, timestamp, durationMs: commitDurationMs });
    }
    return { before: history, record: ended };
  }
  // Whoever is about to try it again finds that it has ended.
  if (cancelled === null)
    yield* append(transaction, {
      timestamp,
      attempt: attempt + 1,
      traceParent: status.commitTraceParent,
      ...taskColumns(status),
      ...(next === 'retry' ? {} : next),
      ...stepRecord(status, 'pending'),
    });
  if (next === 'retry')
    yield* transaction.run('UPDATE claims SET running = 0 WHERE token = @token', { token });
  else yield* dropClaim(transaction, claim);
  return null;
}

const endingOf = (record: EndRecord): Ending => {
  switch (record._tag) {
    case 'Completed':
      return { step: 'completed', errorMessage: null, next: 'release', ...record.end };
    case 'Failed':
      return { step: 'failed', ...record.end };
    case 'RolledBack':
      return { step: 'rolled_back', next: 'release', ...record.end };
  }
};
