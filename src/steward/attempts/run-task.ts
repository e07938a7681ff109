import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/claim.js';
import type { TaskState } from '../../control/control-record.js';
import type { Chain } from '../../domain/plans/chain.js';
import { type Condition, relevantChanges } from '../../domain/plans/condition.js';
import { EXECUTION_MODES } from '../../domain/plans/execution-mode.js';
import type { EntryError, TaskRules } from '../../domain/plans/plan.js';
import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import { type NotHere, notHere, type TaskPlace } from '../../domain/plans/task-place.js';
import type { Change } from '../../domain/tree/change.js';
import { steps } from '../../effects/steps.js';
import { bothLoggers, loggerIn } from '../../effects/with-span.js';
import type { FailureWish } from '../../executor/attempts.js';
import type { OperationHandler } from '../../executor/independent/capabilities.js';
import type { Operation, OperationError } from '../../executor/operation.js';
import type { FactoryContext } from '../../factories/factory.js';
import { factorySpan } from '../../factories/factory-span.js';
import { redactingLogger } from '../../factories/registry/redact.js';
import type { PreparedExecution, Registry } from '../../factories/registry/registry.js';
import type { ReportKeeper } from '../../factories/report-keeper.js';
import { derivedChanges } from '../../planner/derived-changes.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { readEntry } from '../../planner/entries/read-entry.js';
import type { Cause } from '../../ports/causes.js';
import type { Logger } from '../../ports/logger.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE } from '../../ports/telemetry-names.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import type { PondError } from '../errors.js';
import { derivedFilesFor } from '../planning/derived-files.js';
import { readerOf, seriesFormatOf } from '../pond/filesystems.js';
import { nodeLoaderOf, registryForTask } from '../pond/known-factories.js';
import type { Pond } from '../pond/pond.js';
import { queryForFactory } from '../pond/query-pond.js';
import { linkOf } from '../pond/surroundings.js';
import { originOf } from './group-origin.js';

/** A commit for which tasks are run. */
export interface CommitOfTasks {
  readonly txnSeq: number;
  readonly txnId: string;
  readonly dataFsVersion: number;
  /** Tasks and runs by hand inside which it was made. */
  readonly causedBy: Chain;
  /** The incarnation of the pond that made it. */
  readonly incarnation: string | null;
  /** The firing, `PATH@TIME`, for which tasks are run at this commit; left out: they are the commit's own. */
  readonly firing?: string;
}

/** A task that this process has claimed. */
export interface RunTask extends Operation {
  readonly kind: 'RunTask';
  readonly claim: Claim;
  /** The configuration as it is in transaction `configTxnSeq`. */
  readonly entry: DiscoveredEntry;
  readonly configTxnSeq: number;
  /** The factory that runs it, as the configuration says. */
  readonly factory: string;
  /** Reason why the plan under that configuration has no task for the entry; null where it has. */
  readonly rejection: readonly EntryError[] | null;
  /** Dependencies, as operations, whether this execution runs them or not. */
  readonly dependencies: readonly string[];
  /** Reason why there is nothing to run under that configuration, which was asked for; null: there is. */
  readonly notToBeRun: string | null;
  /** Rules of when it runs, under that configuration. */
  readonly rules: TaskRules;
  /** Place where it may run, under that configuration. */
  readonly place: TaskPlace;
  /** The tasks that it waits for, rejected entries included, by `execution_seq`. */
  readonly waitsFor: readonly number[];
  /** The tasks that look at what becomes of it. */
  readonly watchedBy: readonly number[];
  /** A dependency that this execution does not run and that has not completed. */
  readonly blockedBy: BlockedBy | null;
  /** Tells whether it writes to the pond, in a transaction of its own; only what is scheduled does. */
  readonly writes: boolean;
}

/** Another task of the commit, as it is. */
export interface BlockedBy {
  readonly task: string;
  readonly path: string;
  readonly state: TaskState;
  /** It failed without an attempt, because its entry was rejected. */
  readonly wasRejected: boolean;
}

/** Facts about an attempt that has started. */
export interface StartedAttempt {
  readonly attempt: number;
  readonly supersededBy: number | null;
  /** Outcomes of the tasks that it waited for. */
  readonly outcomes: readonly TaskOutcome[];
  readonly reports: ReportKeeper;
}

/** A task whose attempt may begin. */
interface PreparedTask {
  readonly execute: (
    started: Required<NonNullable<Parameters<PreparedExecution['execute']>[0]>>,
    span: Span,
  ) => TE.TaskEither<PondError, void>;
}

/**
 * Runs tasks of one commit: each in its own read transaction at exactly that commit, with no way to write. What a task
 * calls knows inside which one it is until the plan has ended.
 */
export const taskHandler = (
  pond: Pond,
  commit: CommitOfTasks,
  changes: readonly Change[],
  isOver: () => boolean,
): OperationHandler<RunTask, PreparedTask, StartedAttempt, PondError> => {
  const readingAt = readings(pond, commit);
  const relevant = relevantOf(changes);
  // Nothing interrupts phase one; in phase two there is the attempt's own signal.
  const { signal } = new AbortController();
  const { causes } = pond.ports;
  const inside = <E, A>(task: RunTask, span: Span, work: () => TE.TaskEither<E, A>): TE.TaskEither<E, A> => {
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
    execute: (task, prepared, { attempt, supersededBy, outcomes, reports }, signal, span) =>
      inside(task, span, () =>
        prepared.execute(
          {
            attempt,
            supersededBy,
            outcomes,
            signal,
            report: reports.report,
            span: factorySpan(span),
            log: taskLogger(pond, task, attempt, span),
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

/** The logger of an attempt: what is said through it is logged, and kept with the attempt. */
export const taskLogger = (pond: Pond, { claim, entry }: RunTask, attempt: number, span: Span): Logger =>
  bothLoggers(
    loggerIn(pond.ports.logger, span).with({ task: printTaskId(claim), config_path: entry.path }),
    redactingLogger(pond.outputs.keeping(claim, attempt), pond.redact),
  );

/** The commit's filesystem, and the factories for a configuration. */
interface Reading {
  readonly fs: PondReader;
  readonly registry: Registry;
}

type ReadingAt = (configTxnSeq: number) => TE.TaskEither<PondError, Reading>;

/** View that tasks read the commit with, whose configurations are those of a transaction; looked up once for all of a run. */
const readings = (pond: Pond, commit: CommitOfTasks): ReadingAt => {
  const known = new Map<number, ReturnType<ReturnType<ReadingAt>>>();
  return (configTxnSeq) => () => {
    const found =
      known.get(configTxnSeq) ??
      steps<PondError, Reading>(async ({ run }) => {
        const data = await run(pond.tlog.snapshot(commit.txnSeq));
        const configured = await run(pond.tlog.snapshot(configTxnSeq));
        const registry = await registryForTask(pond, configured)();
        return { fs: readerOf(data, nodeLoaderOf(pond, T.of(registry)), seriesFormatOf(pond)), registry };
      })();
    known.set(configTxnSeq, found);
    return found;
  };
};

/** The changes that a condition names; the same condition names the same ones of a commit. */
const relevantOf = (changes: readonly Change[]): ((condition: Condition | null) => readonly Change[]) => {
  const known = new Map<Condition | null, readonly Change[]>();
  return (condition) => {
    const relevant = known.get(condition) ?? relevantChanges(condition, changes);
    known.set(condition, relevant);
    return relevant;
  };
};

/** One attempt of a task. */
interface Attempt {
  readonly commit: CommitOfTasks;
  readonly changes: readonly Change[];
  readonly relevant: (condition: Condition | null) => readonly Change[];
  readonly signal: AbortSignal;
  readonly task: RunTask;
  readonly attempt: number;
  /** The span in which it is prepared. */
  readonly span: Span;
}

const NOT_HERE: PreparedTask = { execute: () => TE.right(undefined) };

/** Says why a task is left to another machine; null: it may run on this one, whichever its queue. */
export const elsewhere = ({ ports }: Pond, { place }: Pick<RunTask, 'place'>): NotHere | null =>
  notHere(place, { queues: null, host: ports.host.hostName });

/** Decodes the configuration, resolves its variables, and lets the factory initialise and check. */
const prepareTask = (
  pond: Pond,
  readingAt: ReadingAt,
  attempt: Attempt,
): TE.TaskEither<PondError, PreparedTask> => {
  const { task } = attempt;
  const { entry, configTxnSeq, rejection } = task;
  if (rejection !== null) return TE.left({ _tag: 'EntryRejected', path: entry.path, errors: rejection });
  // It is not started here, and what its machine has to have need not be here.
  if (elsewhere(pond, task) !== null) return TE.right(NOT_HERE);
  const reading = readEntry(entry);
  if (reading._tag === 'Invalid')
    return TE.left({ _tag: 'EntryRejected', path: entry.path, errors: reading.errors });
  if (reading._tag === 'NotAFactory' || entry.content._tag !== 'Bytes') {
    return TE.left({ _tag: 'NotExecutable', path: entry.path, found: entry.entryType });
  }
  if (task.writes) return TE.right(writing(pond, attempt));
  const config = entry.content.bytes;
  const condition = reading.envelope?.condition ?? null;
  return steps(async ({ run }) => {
    const { fs, registry } = await run(readingAt(configTxnSeq));
    const context = contextOf(pond, attempt, fs, await run(relevantTo(pond, attempt, condition)));
    return run(registry.prepare(reading.factory, config, context));
  });
};

/** A scheduled entry that writes: its configuration is looked at, and it is run, in the transaction in which it writes. */
const writing = (pond: Pond, { task, attempt, commit }: Attempt): PreparedTask => ({
  execute: ({ signal, report }, span) =>
    pond.runScheduled(task.entry.path, {
      firing: printTaskId(task.claim),
      since: task.claim.parentTxnSeq,
      attempt,
      incarnation: commit.incarnation,
      parent: span.context,
      signal,
      log: taskLogger(pond, task, attempt, span),
      report,
    }),
});

/** The changes that a condition names: the commit's own, or where there are none, those of files that are made of these. */
const relevantTo = (
  pond: Pond,
  { commit, changes, relevant }: Attempt,
  condition: Condition | null,
): TE.TaskEither<PondError, readonly Change[]> => {
  const own = relevant(condition);
  if (condition === null || own.length > 0) return TE.right(own);
  return steps(async ({ run }) => {
    const view = await run(pond.tlog.snapshot(commit.txnSeq));
    const derived = await run(derivedFilesFor(pond, view, condition.words.path_pattern));
    return relevantChanges(condition, derivedChanges(derived, changes));
  });
};

const taskIdOf = ({ parentTxnSeq, executionSeq, firing }: TaskId): TaskId => ({
  parentTxnSeq,
  executionSeq,
  ...(firing === undefined ? {} : { firing }),
});

const contextOf = (
  pond: Pond,
  { commit, changes, signal, attempt, task: running, span }: Attempt,
  fs: PondReader,
  relevant: readonly Change[],
): FactoryContext => {
  const { claim, entry } = running;
  const task = printTaskId(claim);
  return {
    mode: 'PostCommitReader',
    isWriter: EXECUTION_MODES.PostCommitReader.isWriter,
    isPostCommit: EXECUTION_MODES.PostCommitReader.isPostCommit,
    description:
      commit.firing === undefined
        ? `${entry.path} after commit ${commit.txnSeq} (task ${task}, attempt ${attempt}, read-only)`
        : `${entry.path} for ${commit.firing}, at commit ${commit.txnSeq} (attempt ${attempt}, read-only)`,
    path: entry.path,
    nodeId: entry.nodeId,
    pondId: pond.tlog.pondId,
    txnSeq: commit.txnSeq,
    dataFsVersion: commit.dataFsVersion,
    txnId: commit.txnId,
    changes,
    relevantChanges: relevant,
    task: taskIdOf(claim),
    attempt,
    idempotencyKey: [
      pond.tlog.pondId,
      ...(commit.incarnation === null ? [] : [commit.incarnation]),
      task,
    ].join('/'),
    supersededBy: null,
    outcomes: [],
    report: () => undefined,
    args: [],
    signal,
    log: taskLogger(pond, running, attempt, span),
    span: factorySpan(span),
    fs,
    query: queryForFactory(pond, fs, { path: entry.path, factory: entry.nodeFactory ?? '', signal }),
    recordProcessGroup: (group) =>
      pipe(
        pond.control.recordGroup(claim, group, originOf(pond, claim, group)),
        TE.mapLeft(({ _tag }) => ({
          _tag: 'FactoryFailed',
          path: entry.path,
          factory: entry.nodeFactory ?? '',
          message: `the process group could not be recorded (${_tag}), so the program was not started`,
        })),
      ),
  };
};
