import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/records/claim.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { satisfies } from '../../control/tasks/counts-as.js';
import { SYSTEM_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { parentOf, parsePondPath } from '../../domain/paths/pond-path.js';
import { DEFAULT_RETRY } from '../../domain/plans/retry-policy.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { andThen, type Eventually } from '../../effects/eventually.js';
import { steps } from '../../effects/steps.js';
import type { Operation } from '../../executor/operation.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { isScheduled, readEntry } from '../../planner/entries/read-entry.js';
import { DEFAULT_SCHEDULE } from '../../planner/entries/schedule.js';
import { type TaskPolicy, taskPolicy } from '../../planner/entries/task-policy.js';
import { dependenciesOf, restrictPlan } from '../../planner/restrict-plan.js';
import { watchingOf } from '../../planner/watched-tasks.js';
import type { BlockedBy, RunTask } from '../attempts/run-task.js';
import { closedReader } from '../discovery/closed-reader.js';
import { type DiscoverableFs, type Discovery, readDiscovered } from '../discovery/discover.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { tasksOf } from './commit-of-tasks.js';
import { configuredTasks } from './configured-tasks.js';
import type { TasksToRun } from './tasks-to-run.js';

/**
 * Claimed tasks as operations: first those that the plan had rejected, which no stage holds, then the others in the
 * plan's order. Their deadlines and retries are those of the configuration that is used.
 */
export const operationsOf = (pond: Pond, work: TasksToRun): TE.TaskEither<PondError, readonly RunTask[]> =>
  steps(async ({ run, take }) => {
    const toOperation = await run(operationsIn(pond, work));
    const ordered = inOrder(work);
    const states = ordered.some(({ outside }) => outside.length > 0)
      ? await run(tasksOf(pond, work.commit))
      : [];
    const operations: RunTask[] = [];
    for (const place of ordered) {
      const operation = toOperation(place, { history: work.history, states });
      operations.push(take(operation instanceof Promise ? await operation : operation));
    }
    return operations;
  });

/** A claimed task as an operation by itself: what it waits for is run elsewhere. */
export interface OperationByItself {
  /** Tasks of its commit that it depends on, by `execution_seq`. */
  readonly dependenciesOf: (executionSeq: number) => readonly number[];
  readonly operationOf: (
    claim: Claim,
    known: Pick<TasksToRun, 'history'> & { readonly states: readonly TaskStatus[] },
  ) => Eventually<Either<PondError, RunTask>>;
}

/** Tasks of one commit as operations, one by one as they are claimed. */
export const operationsByThemselves = (
  pond: Pond,
  work: Omit<TasksToRun, 'claims' | 'history' | 'signal'>,
): TE.TaskEither<PondError, OperationByItself> =>
  pipe(
    operationsIn(pond, work),
    TE.map((toOperation) => {
      const dependencies = dependenciesOf(work.plan);
      const stages = new Map(work.plan.tasks.map(({ execution_seq, stage }) => [execution_seq, stage]));
      const looks = new Set(
        work.plan.tasks
          .filter(({ run_when }) => run_when !== undefined)
          .map(({ execution_seq }) => execution_seq),
      );
      const outside = (seq: number) => (looks.has(seq) ? [] : (dependencies.get(seq) ?? []));
      return {
        dependenciesOf: outside,
        operationOf: (claim, known) =>
          toOperation(
            {
              claim,
              requires: [],
              after: [],
              outside: outside(claim.executionSeq),
              stage: stages.get(claim.executionSeq) ?? UNPLANNED,
            },
            known,
          ),
      };
    }),
  );

type ToOperation = (
  place: Place,
  known: Pick<TasksToRun, 'history'> & { readonly states: readonly TaskStatus[] },
) => Eventually<Either<PondError, RunTask>>;

/** Looks once at the configuration that is used, for all of a commit's tasks. */
const operationsIn = (
  pond: Pond,
  work: Omit<TasksToRun, 'claims' | 'history' | 'signal'>,
): TE.TaskEither<PondError, ToOperation> =>
  steps(async ({ run }) => {
    const view = await run(pond.tlog.snapshot(work.configTxnSeq));
    const fs = closedReader(view);
    const discovery = await run(pond.configurations.discover(view));
    const configured = await run(configuredTasks(pond, work, view));
    const watching = watchingOf(work.plan);
    const { configTxnSeq, writers } = work;
    const entries = new Map<string, DiscoveredEntry>(discovery.entries.map((entry) => [entry.path, entry]));
    return (place, { history, states }) =>
      andThen(entryOf(fs, entries, place.claim), (entry) =>
        right(
          operationOf({ configTxnSeq, writers, history }, place, {
            entry,
            ...readingOf(entry, discovery),
            ...configured(place.claim.executionSeq, entry.path),
            watchedBy: watching.watchedBy(place.claim.executionSeq),
            blockedBy: blockedBy(place, states),
          }),
        ),
      );
  });

/** A claim and what it waits for, by `execution_seq`. */
interface Place {
  readonly claim: Claim;
  readonly stage: number;
  readonly requires: readonly number[];
  readonly after: readonly number[];
  /** Dependencies that are not run here. */
  readonly outside: readonly number[];
}

/** Rejected entries of the plan: they wait for nobody, and come before the first stage. */
const UNPLANNED = -1;

const inOrder = ({ plan, claims }: Pick<TasksToRun, 'plan' | 'claims'>): readonly Place[] => {
  const claimOf = new Map(claims.map((claim) => [claim.executionSeq, claim]));
  const planned = restrictPlan(plan, new Set(claimOf.keys())).flatMap(
    ({ task, requires, after, outside }): readonly Place[] => {
      const claim = claimOf.get(task.execution_seq);
      return claim === undefined ? [] : [{ claim, stage: task.stage, requires, after, outside }];
    },
  );
  const seqs = new Set(planned.map(({ claim }) => claim.executionSeq));
  return [
    ...claims
      .filter(({ executionSeq }) => !seqs.has(executionSeq))
      .map((claim) => ({ claim, stage: UNPLANNED, requires: [], after: [], outside: [] })),
    ...planned,
  ];
};

const entryOf = (
  fs: DiscoverableFs,
  entries: ReadonlyMap<string, DiscoveredEntry>,
  { configPath }: Claim,
): Eventually<Either<PondError, DiscoveredEntry>> => {
  const known = entries.get(configPath);
  if (known !== undefined) return right(known);
  return pipe(
    TE.fromEither(parsePondPath(configPath)),
    TE.flatMap((path) =>
      parentOf(path) === SYSTEM_DIRECTORY || isScheduled(path)
        ? TE.fromTask(readDiscovered(fs, path))
        : // A record can name any path; what is run lies where it is discovered, and approved.
          TE.right({ path, ...NO_ENTRY }),
    ),
  )();
};

const NO_ENTRY: Omit<DiscoveredEntry, 'path'> = {
  entryType: 'file',
  nodeId: null,
  nodeFactory: null,
  content: { _tag: 'Unreadable', problem: `it is not an entry of ${SYSTEM_DIRECTORY}` },
};

/** The factory and the policy of an entry. */
const readingOf = (
  entry: DiscoveredEntry,
  { schedule }: Discovery,
): { readonly factory: string; readonly policy: TaskPolicy } => {
  const reading = readEntry(entry);
  const rules = isLeft(schedule) ? DEFAULT_SCHEDULE : schedule.right;
  return reading._tag === 'Configured'
    ? { factory: reading.factory, policy: taskPolicy(reading.envelope, rules) }
    : { factory: entry.nodeFactory ?? 'unknown', policy: taskPolicy(null, rules) };
};

/** The first dependency outside that has not completed: one that has ended stands in the way for good. */
const blockedBy = ({ outside }: Place, states: readonly TaskStatus[]): BlockedBy | null => {
  const open = states.filter((status) => outside.includes(status.executionSeq) && !satisfies(status));
  const [first] = [...open.filter(hasEnded), ...open];
  return first === undefined
    ? null
    : {
        task: printTaskId(first),
        path: first.configPath,
        state: first.state,
        wasRejected: first.attempts === 0,
      };
};

const hasEnded = ({ state }: TaskStatus): boolean => state !== 'pending' && state !== 'started';

const operationOf = (
  { history, configTxnSeq, writers }: Pick<TasksToRun, 'history' | 'configTxnSeq' | 'writers'>,
  { claim, stage, requires, after, outside }: Place,
  {
    policy,
    ...rest
  }: { readonly policy: TaskPolicy } & Omit<
    RunTask,
    keyof Operation | 'claim' | 'configTxnSeq' | 'dependencies' | 'writes'
  >,
): RunTask => ({
  id: printTaskId(claim),
  kind: 'RunTask',
  after: after.map((executionSeq) => printTaskId({ ...claim, executionSeq })),
  requires: requires.map((executionSeq) => printTaskId({ ...claim, executionSeq })),
  stage,
  // What a writer may take is its own time: the commit that it makes, and what that sets off, come after it.
  timeoutMs: writers?.has(claim.executionSeq) === true ? null : policy.timeoutMs,
  writes: writers?.has(claim.executionSeq) === true,
  attempts: {
    policy: policy.retry ?? DEFAULT_RETRY,
    made: history.get(claim.executionSeq)?.attemptsMade ?? 0,
  },
  follows: history.get(claim.executionSeq)?.lastAttempt ?? null,
  claim,
  configTxnSeq,
  dependencies: [...requires, ...after, ...outside].map((executionSeq) =>
    printTaskId({ ...claim, executionSeq }),
  ),
  ...rest,
});
