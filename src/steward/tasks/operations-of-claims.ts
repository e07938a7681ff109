import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/claim.js';
import type { TaskStatus } from '../../control/control-record.js';
import { parentOf, parsePondPath } from '../../domain/paths/pond-path.js';
import type { EntryError } from '../../domain/plan.js';
import { printTaskId } from '../../domain/task-id.js';
import { steps } from '../../effects/steps.js';
import type { AttemptAllowance } from '../../executor/attempts.js';
import { type DiscoveredEntry, SYSTEM_DIRECTORY } from '../../planner/entries/discovered-entry.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import { DEFAULT_SCHEDULE } from '../../planner/entries/schedule.js';
import { type TaskPolicy, taskPolicy } from '../../planner/entries/task-policy.js';
import { NEWEST_RULES } from '../../planner/planner-rules.js';
import { restrictPlan } from '../../planner/restrict-plan.js';
import { closedReader } from '../discovery/closed-reader.js';
import { type DiscoverableFs, type Discovery, discover, readDiscovered } from '../discovery/discover.js';
import type { PondError } from '../errors.js';
import { makePlan } from '../planning/make-plan.js';
import type { Pond } from '../pond/pond.js';
import type { BlockedBy, RunTask } from './run-task.js';
import type { TasksToRun } from './tasks-to-run.js';

/**
 * Claimed tasks as operations: first those that the plan had rejected, which no stage holds, then the others in the
 * plan's order. Their deadlines and retries are those of the configuration that is used.
 */
export const operationsOf = (pond: Pond, work: TasksToRun): TE.TaskEither<PondError, readonly RunTask[]> =>
  steps(async ({ run }) => {
    const view = await run(pond.tlog.snapshot(work.configTxnSeq));
    const fs = closedReader(view);
    const discovery = await run(discover(fs));
    const rejections = await run(rejectionsOf(pond, work, fs));
    const ordered = inOrder(work);
    const states = ordered.some(({ outside }) => outside.length > 0)
      ? await run(pond.control.getPostCommitTasks(work.commit.txnSeq))
      : [];
    const entries = new Map<string, DiscoveredEntry>(discovery.entries.map((entry) => [entry.path, entry]));
    const operations: RunTask[] = [];
    for (const place of ordered) {
      const entry = await run(entryOf(fs, entries, place.claim));
      operations.push(
        operationOf(work, place, {
          entry,
          factory: factoryOf(entry),
          policy: policyOf(entry, discovery),
          rejection: rejections.get(entry.path) ?? null,
          blockedBy: blockedBy(place, states),
        }),
      );
    }
    return operations;
  });

/** A claim and what it waits for, by `execution_seq`. */
interface Place {
  readonly claim: Claim;
  readonly stage: number;
  readonly requires: readonly number[];
  /** What it depends on and is not run here. */
  readonly outside: readonly number[];
}

/** What the plan had rejected waits for nobody, and comes before the first stage. */
const UNPLANNED = -1;

const inOrder = ({ plan, claims }: TasksToRun): readonly Place[] => {
  const claimOf = new Map(claims.map((claim) => [claim.executionSeq, claim]));
  const planned = restrictPlan(plan, new Set(claimOf.keys())).flatMap(
    ({ task, requires, outside }): readonly Place[] => {
      const claim = claimOf.get(task.execution_seq);
      return claim === undefined ? [] : [{ claim, stage: task.stage, requires, outside }];
    },
  );
  const seqs = new Set(planned.map(({ claim }) => claim.executionSeq));
  return [
    ...claims
      .filter(({ executionSeq }) => !seqs.has(executionSeq))
      .map((claim) => ({ claim, stage: UNPLANNED, requires: [], outside: [] })),
    ...planned,
  ];
};

const entryOf = (
  fs: DiscoverableFs,
  entries: ReadonlyMap<string, DiscoveredEntry>,
  { configPath }: Claim,
): TE.TaskEither<PondError, DiscoveredEntry> => {
  const known = entries.get(configPath);
  if (known !== undefined) return TE.right(known);
  return pipe(
    TE.fromEither(parsePondPath(configPath)),
    TE.flatMap((path) =>
      parentOf(path) === SYSTEM_DIRECTORY
        ? TE.fromTask(readDiscovered(fs, path))
        : // A record can name any path; what is run lies where it is discovered, and approved.
          TE.right({ path, ...NO_ENTRY }),
    ),
  );
};

const NO_ENTRY: Omit<DiscoveredEntry, 'path'> = {
  entryType: 'file',
  nodeId: null,
  nodeFactory: null,
  content: { _tag: 'Unreadable', problem: `it is not an entry of ${SYSTEM_DIRECTORY}` },
};

/** Entries that cannot run under the configuration that is used, although each may be sound by itself. */
const rejectionsOf = (
  pond: Pond,
  { commit, plan, changes, configTxnSeq }: TasksToRun,
  fs: DiscoverableFs,
): TE.TaskEither<PondError, ReadonlyMap<string, readonly EntryError[]>> =>
  pipe(
    configTxnSeq === commit.txnSeq
      ? TE.right(plan.rejected)
      : pipe(
          makePlan(pond, {
            ...{ fs, changes, suppressed: null, chain: null, rules: NEWEST_RULES, recordedFacts: null },
            loadsModules: T.of(true),
          }),
          TE.map((today) => today.plan.rejected),
        ),
    TE.map((rejected) => new Map(rejected.map(({ path, errors }) => [path, errors]))),
  );

const policyOf = (entry: DiscoveredEntry, { schedule }: Discovery): TaskPolicy => {
  const reading = readEntry(entry);
  return taskPolicy(
    reading._tag === 'Configured' ? reading.envelope : null,
    isLeft(schedule) ? DEFAULT_SCHEDULE : schedule.right,
  );
};

const factoryOf = (entry: DiscoveredEntry): string => {
  const reading = readEntry(entry);
  return reading._tag === 'Configured' ? reading.factory : (entry.nodeFactory ?? 'unknown');
};

/** The first dependency outside that has not completed: one that has ended stands in the way for good. */
const blockedBy = ({ outside }: Place, states: readonly TaskStatus[]): BlockedBy | null => {
  const open = states.filter(
    ({ executionSeq, state }) => outside.includes(executionSeq) && state !== 'completed',
  );
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
  { history, configTxnSeq }: TasksToRun,
  { claim, stage, requires, outside }: Place,
  {
    policy,
    ...rest
  }: { readonly policy: TaskPolicy } & Pick<RunTask, 'entry' | 'factory' | 'rejection' | 'blockedBy'>,
): RunTask => ({
  id: printTaskId(claim),
  kind: 'RunTask',
  after: [],
  requires: requires.map((executionSeq) => printTaskId({ ...claim, executionSeq })),
  stage,
  timeoutMs: policy.timeoutMs,
  ...allowanceOf(policy, history.get(claim.executionSeq)?.attemptsMade ?? 0),
  follows: history.get(claim.executionSeq)?.lastAttempt ?? null,
  claim,
  configTxnSeq,
  dependencies: [...requires, ...outside].map((executionSeq) => printTaskId({ ...claim, executionSeq })),
  ...rest,
});

const allowanceOf = ({ retry }: TaskPolicy, made: number): { readonly attempts?: AttemptAllowance } =>
  retry === null ? {} : { attempts: { policy: retry, made } };
