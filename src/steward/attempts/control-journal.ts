import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { mapped } from '../../effects/mapped.js';
import type { Journal, StartOutcome } from '../../executor/independent/capabilities.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { type BegunAttempts, endUnrun } from './begun-attempts.js';
import { finishAttempt, stoppedAttempt } from './end-attempt.js';
import { type CommitEnd, elsewhere, type RunTask, type StartedAttempt } from './run-task.js';
import { skipCauses } from './skip-causes.js';
import { leaveElsewhere, leaveOut, startedAttempt, startWhenFree } from './start-attempt.js';

/**
 * The checkpoint of a post-commit plan is the control table: `post_commit_started` is durable before the task has
 * any effect, its end before anything that depends on it. A crash between the two leaves a started task, which
 * recovery sees as interrupted.
 */
export const controlJournal = (
  pond: Pond,
  tasks: readonly RunTask[],
  ended: (() => CommitEnd) | undefined,
  begun: BegunAttempts,
): Journal<RunTask, StartedAttempt, PondError> => {
  const causes = skipCauses(tasks);
  /** Attempts that have begun before they were asked for here. */
  const toGo = new Map(begun);
  const go = (task: RunTask, started: StartedAttempt): StartOutcome<StartedAttempt> => {
    const { attempt } = started;
    going.set(task.id, { attempt, since: pond.ports.clock.monotonicMs() });
    return { _tag: 'Go', started, cancelled: pond.cancellations.begun(task.claim, attempt) };
  };
  /** Tasks that have not ended; with the last of them, as a rule, the commit has. */
  const unended = new Set(tasks.map(({ id }) => id));
  /** Attempts that have started here and not ended, and when they did: milliseconds of the monotonic clock. */
  const going = new Map<string, { readonly attempt: number; readonly since: number }>();
  const skip = (task: RunTask, cause: string): TaskEither<PondError, void> =>
    pond.control.recordPostCommitSkipped(task.claim, {
      timestamp: pond.ports.clock.nowMicros(),
      errorMessage: `skipped: it depends on ${cause}`,
      watchedBy: task.watchedBy,
    });
  return {
    start: (task, signal, openSpan) => {
      const first = toGo.get(task.claim.token);
      if (first !== undefined) {
        toGo.delete(task.claim.token);
        return TE.right(go(task, startedAttempt(pond, task, first, openSpan())));
      }
      const { blockedBy, notToBeRun } = task;
      if (notToBeRun !== null) return leaveOut(pond, task, notToBeRun);
      const reason = elsewhere(pond, task);
      if (reason !== null) return leaveElsewhere(pond, task, reason);
      if (blockedBy === null) {
        return pipe(
          startWhenFree(pond, task, signal, openSpan),
          mapped((outcome) => {
            if (outcome._tag === 'Skipped' || outcome._tag === 'Ended') unended.delete(task.id);
            return outcome._tag === 'Go' ? go(task, outcome.started) : outcome;
          }),
        );
      }
      return blockedBy.state === 'pending' || blockedBy.state === 'started'
        ? pipe(pond.control.release(task.claim), TE.as({ _tag: 'LeftToAnother' }))
        : pipe(skip(task, causes.outside(task, blockedBy)), TE.as({ _tag: 'Skipped', satisfies: false }));
    },
    finish: (task, started, end, span) => {
      going.delete(task.id);
      pond.cancellations.ended(task.claim);
      if (end.next === 'end') unended.delete(task.id);
      const commit = unended.size === 0 ? (ended?.() ?? null) : null;
      return finishAttempt(pond, task, started, { end, span, commit });
    },
    skip: (task, because) => {
      unended.delete(task.id);
      return skip(task, causes.inside(task, because));
    },
    abandon: (task) => {
      const attempt = going.get(task.id);
      going.delete(task.id);
      pond.cancellations.ended(task.claim);
      if (attempt !== undefined) pond.outputs.flush(task.claim, attempt.attempt);
      if (toGo.delete(task.claim.token)) return endUnrun(pond, task.claim, UNRUN);
      return attempt !== undefined && pond.runner.isInBackground()
        ? stoppedAttempt(pond, task, attempt)
        : pond.control.release(task.claim);
    },
  };
};

const UNRUN = { errorMessage: 'stopped before it ran', laterMs: 0 };
