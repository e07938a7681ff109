import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { acting } from '../acting.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { Steward } from '../steward.js';
import { derivedOf } from '../tasks/derived-commits.js';
import type { OpenedPond } from './opened-pond.js';

/** Calls that say how tasks are, and that act on them. */
export const taskCalls = ({
  pond,
  takingOverAfter,
}: OpenedPond): Pick<
  Steward,
  'tasks' | 'task' | 'firings' | 'firing' | 'derived' | 'output' | 'wait' | 'retry' | 'cancel' | 'dismiss'
> => ({
  tasks: (txnSeq) =>
    pipe(
      pond.tlog.commitOf(txnSeq),
      TE.flatMap(() => pond.control.getPostCommitTasks(txnSeq)),
    ),
  task: (id) =>
    pipe(
      id.firing === undefined
        ? pond.control.getPostCommitTasks(id.parentTxnSeq)
        : pond.control.tasksOfFiring(id.firing),
      TE.flatMap((tasks) =>
        TE.fromNullable<PondError>({ _tag: 'TaskNotFound', task: printTaskId(id) })(
          tasks.find(({ executionSeq }) => executionSeq === id.executionSeq),
        ),
      ),
    ),
  firings: ({ limit } = {}) => pond.control.firings(limit ?? null),
  firing: (name) =>
    pipe(
      pond.control.tasksOfFiring(name),
      TE.filterOrElseW(
        (tasks) => tasks.length > 0,
        (): PondError => ({ _tag: 'TaskNotFound', task: name }),
      ),
    ),
  derived: (txnSeq) => derivedOf(pond, txnSeq),
  output: (id, options = {}) => acting(({ outputOf }) => outputOf(pond, id, options)),
  wait: (txnSeq, options = {}) =>
    pipe(
      acting(({ waitForCommit }) => waitForCommit(pond, txnSeq, options)),
      TE.flatMap((waited) => withPlacesOfTasks(pond, waited)),
    ),
  retry: (task, options = {}) =>
    pipe(
      migrated(pond, options.signal),
      TE.flatMap(() => acting(({ retry }) => retry(pond, task, options))),
      TE.flatMap((tasks) => acting(({ withPlaces }) => withPlaces(pond, tasks))),
      takingOverAfter(options.signal),
    ),
  cancel: (task, options = {}) =>
    pipe(
      migrated(pond, options.signal),
      TE.flatMap(() => acting(({ cancel }) => cancel(pond, task, options))),
    ),
  dismiss: (task, options = {}) =>
    pipe(
      migrated(pond, options.signal),
      TE.flatMap(() => acting(({ dismiss }) => dismiss(pond, task, options))),
    ),
});

/** The same with the places of its tasks, which records do not say. */
export const withPlacesOfTasks = <A extends { readonly tasks: readonly TaskStatus[] }>(
  pond: Pond,
  found: A,
): TE.TaskEither<PondError, A> =>
  pipe(
    acting(({ withPlaces }) => withPlaces(pond, found.tasks)),
    TE.map((tasks) => ({ ...found, tasks })),
  );

/** Brings the control table to the present version: an older one cannot hold what is asked of tasks. */
const migrated = (pond: Pond, signal = new AbortController().signal): TE.TaskEither<PondError, void> =>
  acting(({ migrateControl }) => migrateControl(pond, signal));
