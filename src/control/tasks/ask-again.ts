import type { AttemptEnd, Claim } from '../records/claim.js';
import type { TaskState } from '../records/task-status.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { append } from '../store/record-row.js';
import { countsAs } from './counts-as.js';
import { historyOf, stepRecord, taskColumns } from './task-records.js';
import type { TaskHistory } from './task-state.js';

/** Tasks that look at others are asked again only where those have ended; one that somebody has dismissed stays that. */
const ASKED_AGAIN: ReadonlySet<TaskState> = new Set<TaskState>([
  'completed',
  'failed',
  'skipped',
  'rolled_back',
]);

/**
 * Makes those pending again that look at a task that was run again and has come to something else than before,
 * in the transaction of its end: a crash forgets none of them. Nobody has claimed them yet.
 */
export function* askAgain(
  transaction: ControlTransaction,
  claim: Pick<Claim, 'parentTxnSeq' | 'executionSeq'>,
  {
    before,
    watchedBy = [],
    timestamp,
  }: { readonly timestamp: number } & Pick<AttemptEnd, 'watchedBy'> & Pick<TaskHistory, 'before'>,
): Coroutine<void> {
  if (before === null || watchedBy.length === 0) return;
  if (countsAs((yield* historyOf(transaction.all, claim)).status) === before) return;
  for (const executionSeq of watchedBy) {
    const { status } = yield* historyOf(transaction.all, { ...claim, executionSeq });
    if (!ASKED_AGAIN.has(status.state)) continue;
    yield* append(transaction, {
      ...taskColumns(status),
      ...stepRecord(status, 'pending'),
      timestamp,
      configTxnSeq: status.parentTxnSeq,
      traceParent: status.commitTraceParent,
    });
  }
}
