import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskState, TaskStatus } from '../../control/records/task-status.js';
import { firingPlaceOf } from '../../domain/plans/firing.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import { refuseInsideTask } from '../pond/inside/surroundings.js';
import type { Pond } from '../pond/pond.js';
import type { TasksAsked } from '../shapes/call-reports.js';
import type { RetryOptions } from '../shapes/upkeep.js';
import { refuseUntrusted } from '../tasks/refuse-untrusted.js';
import { runClaimable } from '../tasks/run-claimable.js';
import { findTasks } from './tasks-asked.js';

/** Tasks that can be retried by name. A pending task whose time has not come is run at once. */
const RETRYABLE: ReadonlySet<TaskState> = new Set<TaskState>([
  'failed',
  'skipped',
  'rolled_back',
  'dismissed',
  'cancelled',
]);

const isRetryable = ({ state, notBefore }: TaskStatus): boolean =>
  RETRYABLE.has(state) || (state === 'pending' && notBefore !== null);

/** Tasks that a retry of the whole commit runs: none that are settled, or were skipped for a reason of their own. */
const isRetriedWithCommit = ({ state, skipCause }: TaskStatus): boolean =>
  state === 'failed' ||
  state === 'rolled_back' ||
  state === 'cancelled' ||
  (state === 'skipped' && skipCause !== 'run_when' && skipCause !== 'superseded');

/** The same of what is asked for: the name of a firing is that of its own task, too, which may have been dismissed. */
const isRetriedAmong =
  (asked: TasksAsked) =>
  (task: TaskStatus): boolean =>
    isRetriedWithCommit(task) ||
    ('firing' in asked && task.state === 'dismissed' && firingPlaceOf(task.executionSeq) === 0);

/**
 * Runs failed (or skipped) tasks of one commit again: all of them, or the one that is named. They see the commit's
 * data and, unless asked otherwise, its configuration. Tasks that have completed never run again, but those that look at
 * others whose retry has changed what they saw.
 */
export const retry = (
  pond: Pond,
  asked: TasksAsked,
  options: RetryOptions,
): TE.TaskEither<PondError, readonly TaskStatus[]> => {
  const signal = options.signal ?? new AbortController().signal;
  return steps(async ({ run, take }) => {
    await run(refuseInsideTask(pond, 'retry'));
    const { all, named } = await run(findTasks(pond, asked));
    const chosen = named === null ? all.filter(isRetriedAmong(asked)) : [take(refuseOthers(named))];
    const [first] = chosen;
    if (first === undefined) return [];
    const isNewest = options.currentConfig === true || first.firing !== undefined;
    const configTxnSeq = isNewest ? (await run(pond.tlog.head())).txnSeq : first.parentTxnSeq;
    await run(refuseUntrusted(pond, [configTxnSeq]));
    return run(runClaimable(pond, chosen, { configTxnSeq, signal }));
  });
};

const refuseOthers = (task: TaskStatus): Either<PondError, TaskStatus> =>
  isRetryable(task)
    ? right(task)
    : left({ _tag: 'NotRetryable', task: printTaskId(task), state: task.state });
