import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { printTaskId } from '../../domain/task-id.js';
import type { AttemptEnd, Claim } from '../claim.js';
import type { ControlError } from '../control-error.js';
import { type ControlStore, illegal, PATIENCE_OF_ENDS, transact } from '../control-store.js';
import type { ControlTable } from '../control-table.js';
import { append } from '../record-row.js';
import { dropClaim, mustHold } from '../runners/claim-rows.js';
import { askAgain } from './ask-again.js';
import { appendSkipped } from './attempt-start.js';
import { endTelling } from './episodes.js';
import { historyOf, taskColumns } from './task-records.js';

type AttemptEnds = Pick<
  ControlTable,
  | 'recordPostCommitCompleted'
  | 'recordPostCommitFailed'
  | 'recordPostCommitRolledBack'
  | 'recordPostCommitSkipped'
  | 'recordPostCommitRefused'
>;

/** How attempts end. A claim that was taken over records nothing: the newer claim's runner says how it ended. */
export const attemptEnds = (store: ControlStore): AttemptEnds => ({
  recordPostCommitCompleted: (claim, end) =>
    endAttempt(store, claim, {
      ...end,
      recordType: 'post_commit_completed',
      errorMessage: null,
      next: 'release',
    }),
  recordPostCommitFailed: (claim, end) =>
    endAttempt(store, claim, { ...end, recordType: 'post_commit_failed' }),
  recordPostCommitRolledBack: (claim, end) =>
    endAttempt(store, claim, { ...end, recordType: 'post_commit_rolled_back', next: 'release' }),
  recordPostCommitRefused: (claim, { timestamp, configTxnSeq, traceParent, errorMessage, watchedBy }) =>
    transact(store, 'durable', (transaction) => {
      mustHold(transaction.all, claim);
      const { status, before } = historyOf(transaction.all, claim);
      const interrupted = status.state === 'started';
      if (interrupted || status.state === 'pending') {
        const attempt = status.attempts + (interrupted ? 0 : 1);
        const columns = { ...taskColumns(status), timestamp, attempt };
        if (!interrupted) {
          append(transaction, { ...columns, configTxnSeq, traceParent, recordType: 'post_commit_started' });
        }
        append(transaction, { ...columns, errorMessage, recordType: 'post_commit_failed' });
        askAgain(transaction, claim, { before, watchedBy, timestamp });
      }
      dropClaim(transaction, claim);
    }),
  recordPostCommitSkipped: (claim, { timestamp, errorMessage, cause = 'dependency', watchedBy }) =>
    transact(store, 'durable', (transaction) => {
      mustHold(transaction.all, claim);
      const { status, before } = historyOf(transaction.all, claim);
      if (status.state !== 'pending' && status.state !== 'started')
        throw illegal(`task ${printTaskId(claim)} is ${status.state}`);
      appendSkipped(transaction, status, { timestamp, cause, reason: errorMessage });
      askAgain(transaction, claim, { before, watchedBy, timestamp });
      dropClaim(transaction, claim);
    }),
});

interface Ending extends AttemptEnd {
  readonly recordType: 'post_commit_completed' | 'post_commit_failed' | 'post_commit_rolled_back';
  readonly errorMessage: string | null;
  readonly next: 'release' | 'retry' | 'hold' | { readonly notBefore: number };
}

const endAttempt = (
  store: ControlStore,
  claim: Claim,
  { recordType, attempt, timestamp, durationMs, errorMessage, report = null, watchedBy, next }: Ending,
): TaskEither<ControlError, void> =>
  transact(
    store,
    'durable',
    (transaction) => {
      const { running, token } = mustHold(transaction.all, claim);
      const { status, before } = historyOf(transaction.all, claim);
      if (!running || status.state !== 'started' || status.attempts !== attempt) {
        throw illegal(`attempt ${attempt} of task ${printTaskId(claim)} is not running`);
      }
      append(transaction, {
        ...taskColumns(status),
        ...{ recordType, attempt, timestamp, durationMs, errorMessage, report },
      });
      if (recordType === 'post_commit_completed') endTelling(transaction, claim);
      if (next === 'release' || next === 'hold')
        askAgain(transaction, claim, { before, watchedBy, timestamp });
      // The work goes on in the runner's process: its path stays taken until `release`, or until the process ends.
      if (next === 'hold') return;
      // Whoever ends an attempt has ended its children.
      transaction.run('DELETE FROM process_groups WHERE token = @token', { token });
      if (next === 'release') return dropClaim(transaction, claim);
      append(transaction, {
        ...taskColumns(status),
        ...{ timestamp, attempt: attempt + 1, traceParent: status.commitTraceParent },
        ...(next === 'retry' ? {} : next),
        recordType: 'post_commit_pending',
      });
      if (next !== 'retry') return dropClaim(transaction, claim);
      transaction.run('UPDATE claims SET running = 0 WHERE token = @token', { token });
    },
    PATIENCE_OF_ENDS,
  );
