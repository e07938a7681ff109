import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { printTaskId, taskNumbers } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import { clearGroup } from '../attempts/left-groups.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { TasksAsked } from '../shapes/call-reports.js';
import type { CancelOptions } from '../shapes/upkeep.js';
import { findTasks } from './tasks-asked.js';

/** Milliseconds in which a live runner has ended a task: what it has to look, to tell it, and to kill it. */
const LONGEST_WAIT = 15_000;
const PAUSE = 50;

/**
 * Ends unfinished tasks of one commit, or the one that is named: what is pending never begins, what runs is ended by its
 * runner, wherever that is. The request is durable first; then it is waited for the ends, for a bounded time.
 */
export const cancel = (
  pond: Pond,
  asked: TasksAsked,
  { reason = '', signal = new AbortController().signal }: CancelOptions,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  steps(async ({ run, take }) => {
    const { clock } = pond.ports;
    const { all, named, txnId } = await run(findTasks(pond, asked));
    const chosen = named === null ? all.filter(isUnfinished) : [take(refuseEnded(named))];
    if (chosen.length === 0) return [];
    const timestamp = clock.nowMicros();
    const message = messageOf(pond, timestamp, reason);
    const outcome = await run(pond.control.recordPostCommitCancelled(chosen, { timestamp, message }));
    await run(clearGroupsOf(pond, chosen));
    const numbers = new Set(
      [...outcome.cancelled, ...outcome.requested.map(({ task }) => task)].map(taskNumbers),
    );
    const deadline = clock.monotonicMs() + LONGEST_WAIT;
    for (;;) {
      const tasks = (await run(findTasks(pond, asked))).all.filter((task) => numbers.has(taskNumbers(task)));
      const isOver = !tasks.some(isUnfinished) || clock.monotonicMs() >= deadline || signal.aborted;
      if (isOver) {
        if (txnId !== null) await run(pond.control.completeIfEnded(txnId, clock.nowMicros()));
        return tasks;
      }
      await clock.sleep(PAUSE, signal);
    }
  });

const isUnfinished = ({ state }: TaskStatus): boolean => state === 'pending' || state === 'started';

const refuseEnded = (task: TaskStatus): Either<PondError, TaskStatus> =>
  isUnfinished(task)
    ? right(task)
    : left({ _tag: 'NotCancellable', task: printTaskId(task), state: task.state });

const messageOf = ({ ports: { host }, redact }: Pond, timestamp: number, reason: string): string => {
  const at = new Date(timestamp / 1000).toISOString();
  return `cancelled by ${host.userName} on ${host.hostName} at ${at}${reason === '' ? '' : `: ${redact(reason)}`}`;
};

/** Ends what attempts of these entries have left running whose runner has died. */
const clearGroupsOf = (pond: Pond, tasks: readonly TaskStatus[]): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    const paths = new Set(tasks.map(({ configPath }) => configPath));
    for (const recorded of await run(pond.control.groupsLeftBehind()))
      if (paths.has(recorded.configPath)) await run(clearGroup(pond, recorded));
  });
