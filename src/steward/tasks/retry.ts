import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskState, TaskStatus } from '../../control/control-table.js';
import { printTaskId } from '../../domain/task-id.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { RetryOptions } from '../steward.js';
import { refuseUntrusted } from './refuse-untrusted.js';
import { runClaimable } from './run-claimable.js';

const RETRYABLE: ReadonlySet<TaskState> = new Set<TaskState>(['failed', 'skipped', 'rolled_back']);

/**
 * Runs failed (or skipped) tasks of one commit again: all of them, or the one that is named. They see the commit's
 * data and, unless asked otherwise, its configuration. Tasks that have completed never run again.
 */
export const retry = (
  pond: Pond,
  { txnSeq, executionSeq }: { readonly txnSeq: number; readonly executionSeq?: number },
  options: RetryOptions,
): TE.TaskEither<PondError, readonly TaskStatus[]> => {
  if (pond.options.insideTask) return TE.left({ _tag: 'RefusedInsideTask', call: 'retry' });
  const signal = options.signal ?? new AbortController().signal;
  return pipe(
    TE.Do,
    // Of the tasks that the commit has; a transaction that does not exist is an error of its own.
    TE.bind('commit', () => pond.tlog.commitOf(txnSeq)),
    TE.bindW('tasks', () => pond.control.getPostCommitTasks(txnSeq)),
    TE.bindW('chosen', ({ tasks }) =>
      executionSeq === undefined
        ? TE.right(tasks.filter(({ state }) => RETRYABLE.has(state)))
        : TE.fromEither(chooseOne(tasks, { parentTxnSeq: txnSeq, executionSeq })),
    ),
    TE.bindW('configTxnSeq', () =>
      options.currentConfig === true
        ? pipe(
            pond.tlog.head(),
            TE.map((head) => head.txnSeq),
          )
        : TE.right(txnSeq),
    ),
    TE.tap(({ chosen, configTxnSeq }) => refuseUntrusted(pond, chosen.length === 0 ? [] : [configTxnSeq])),
    TE.flatMap(({ chosen, configTxnSeq }) =>
      chosen.length === 0 ? TE.right([]) : runClaimable(pond, chosen, { configTxnSeq, signal }),
    ),
  );
};

const chooseOne = (
  tasks: readonly TaskStatus[],
  id: { readonly parentTxnSeq: number; readonly executionSeq: number },
): Either<PondError, readonly TaskStatus[]> => {
  const task = tasks.find(({ executionSeq }) => executionSeq === id.executionSeq);
  if (task === undefined) return left({ _tag: 'TaskNotFound', task: printTaskId(id) });
  return RETRYABLE.has(task.state)
    ? right([task])
    : left({ _tag: 'NotRetryable', task: printTaskId(id), state: task.state });
};
