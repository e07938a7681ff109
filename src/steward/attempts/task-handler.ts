import type * as TE from 'fp-ts/lib/TaskEither.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { Change } from '../../domain/tree/change.js';
import type { FailureWish } from '../../executor/attempts.js';
import type { OperationHandler } from '../../executor/independent/capabilities.js';
import type { OperationError } from '../../executor/operation.js';
import { factorySpan } from '../../factories/factory-span.js';
import type { Cause } from '../../ports/causes.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE } from '../../ports/telemetry-names.js';
import type { PondError } from '../errors.js';
import { linkOf } from '../pond/inside/surroundings.js';
import type { Pond } from '../pond/pond.js';
import { type KnownRegistry, type PreparedTask, prepareTask, readings, relevantOf } from './prepare-task.js';
import type { CommitOfTasks, RunTask, StartedAttempt } from './run-task.js';

/**
 * Runs tasks of one commit: each in its own read transaction at exactly that commit, with no way to write. What a task
 * calls knows inside which one it is until the plan has ended.
 */
export const taskHandler = (
  pond: Pond,
  commit: CommitOfTasks,
  changes: readonly Change[],
  isOver: () => boolean,
  lookedUp: KnownRegistry | null = null,
): OperationHandler<RunTask, PreparedTask, StartedAttempt, PondError> => {
  const readingAt = readings(pond, commit, lookedUp);
  const relevant = relevantOf(changes);
  // Nothing interrupts phase one; in phase two there is the attempt's own signal.
  const { signal } = new AbortController();
  const { causes } = pond.ports;
  /** Nobody would ask inside of what task this is. */
  const isNotAsked = (task: RunTask): boolean =>
    !task.writes && lookedUp?.registry.callsNobody(task.factory) === true;
  const inside = <E, A>(task: RunTask, span: Span, work: () => TE.TaskEither<E, A>): TE.TaskEither<E, A> => {
    if (isNotAsked(task)) return () => work()();
    const chain = [...commit.causedBy, linkOf(pond.tlog.pondId, task.claim)];
    const mark = { pond: pond.directory, txn_seq: commit.txnSeq, token: task.claim.token };
    const cause = causeIn(span, { chain, mark, isOver, writing: [] });
    return () => causes.within(cause, () => work()());
  };
  return {
    // Nobody else can start an attempt while the task is claimed, so the number of this one is known before it starts.
    prepare: (task, tried, span) =>
      inside(task, span, () =>
        prepareTask(pond, readingAt, {
          commit,
          changes,
          relevant,
          signal,
          task,
          attempt: attemptOf(task, tried),
          span,
        }),
      ),
    execute: (task, prepared, { attempt, supersededBy, outcomes, log, reports }, signal, span) =>
      inside(task, span, () =>
        prepared.execute(
          {
            attempt,
            supersededBy,
            outcomes,
            signal,
            report: reports.report,
            span: factorySpan(span),
            log,
          },
          span,
        ),
      ),
    wishOf,
    attributesOf: (task, tried) => ({
      [ATTRIBUTE.taskId]: printTaskId(task.claim),
      [ATTRIBUTE.taskFactory]: task.factory,
      [ATTRIBUTE.taskConfigPath]: task.claim.configPath,
      [ATTRIBUTE.taskAttempt]: attemptOf(task, tried),
    }),
  };
};

/** Apart from everything else of the commit, which what a task has started would keep alive otherwise. */
const causeIn = (span: Span, cause: Omit<Cause, 'traceParent'>): Cause => ({
  ...cause,
  get traceParent() {
    return span.context.traceParent;
  },
});

/** Hint of a failure about another attempt. Only factories give one. */
const wishOf = (error: OperationError<PondError>): FailureWish =>
  error._tag === 'FactoryFailed'
    ? { retryable: error.retryable ?? true, afterMs: error.retryAfterMs ?? null }
    : { retryable: true, afterMs: null };

const attemptOf = ({ claim }: RunTask, tried: number): number => claim.attempts + tried + 1;
