import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskState, TaskStatus } from '../../control/control-record.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { refuseInsideTask } from '../pond/surroundings.js';
import type { RetryOptions } from '../upkeep.js';
import { refuseUntrusted } from './refuse-untrusted.js';
import { runClaimable } from './run-claimable.js';

/** Tasks that can be retried by name. A pending task whose time has not come is run at once. */
const RETRYABLE: ReadonlySet<TaskState> = new Set<TaskState>([
  'failed',
  'skipped',
  'rolled_back',
  'dismissed',
]);

const isRetryable = ({ state, notBefore }: TaskStatus): boolean =>
  RETRYABLE.has(state) || (state === 'pending' && notBefore !== null);

/** Tasks that a retry of the whole commit runs: none that are settled, or were skipped for a reason of their own. */
const isRetriedWithCommit = ({ state, skipCause }: TaskStatus): boolean =>
  state === 'failed' ||
  state === 'rolled_back' ||
  (state === 'skipped' && skipCause !== 'run_when' && skipCause !== 'superseded');

/**
 * Runs failed (or skipped) tasks of one commit again: all of them, or the one that is named. They see the commit's
 * data and, unless asked otherwise, its configuration. Tasks that have completed never run again, but those that look at
 * others whose retry has changed what they saw.
 */
export const retry = (
  pond: Pond,
  { txnSeq, executionSeq }: { readonly txnSeq: number; readonly executionSeq?: number },
  options: RetryOptions,
): TE.TaskEither<PondError, readonly TaskStatus[]> => {
  const signal = options.signal ?? new AbortController().signal;
  return steps(async ({ run, take }) => {
    await run(refuseInsideTask(pond, 'retry'));
    // A transaction that does not exist is another error than a task that its commit does not have.
    await run(pond.tlog.commitOf(txnSeq));
    const tasks = await run(pond.control.getPostCommitTasks(txnSeq));
    const chosen =
      executionSeq === undefined
        ? tasks.filter(isRetriedWithCommit)
        : take(chooseOne(tasks, { parentTxnSeq: txnSeq, executionSeq }));
    const configTxnSeq = options.currentConfig === true ? (await run(pond.tlog.head())).txnSeq : txnSeq;
    if (chosen.length === 0) return [];
    await run(refuseUntrusted(pond, [configTxnSeq]));
    return run(runClaimable(pond, chosen, { configTxnSeq, signal }));
  });
};

const chooseOne = (
  tasks: readonly TaskStatus[],
  id: { readonly parentTxnSeq: number; readonly executionSeq: number },
): Either<PondError, readonly TaskStatus[]> => {
  const task = tasks.find(({ executionSeq }) => executionSeq === id.executionSeq);
  if (task === undefined) return left({ _tag: 'TaskNotFound', task: printTaskId(id) });
  return isRetryable(task)
    ? right([task])
    : left({ _tag: 'NotRetryable', task: printTaskId(id), state: task.state });
};
