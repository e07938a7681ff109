import type { RunnerInfo } from '../control/records/claim.js';
import type { ControlRecord } from '../control/records/control-record.js';
import type { TaskStatus } from '../control/records/task-status.js';
import type { TransactionSummary } from '../control/records/transaction-summary.js';
import { type Turn, turnsOf } from '../control/tasks/task-turns.js';
import { parseTraceParent } from '../domain/trace-parent.js';
import type { Incomplete } from '../steward/shapes/upkeep.js';

/** A task with all its turns. */
export interface TaskTimeline {
  readonly status: TaskStatus;
  readonly turns: readonly Turn[];
  /** The live process that holds an unfinished task. */
  readonly runner: Pick<RunnerInfo, 'pid' | 'command'> | null;
}

/** A commit and everything that it set off, in time. Times in microseconds since the epoch. */
export interface CommitTimeline {
  readonly commit: TransactionSummary;
  /** The firing, `PATH@TIME`, whose tasks these are; left out: they are the commit's own. */
  readonly firing?: { readonly name: string; readonly dueAt: number | null };
  /** Time at which the last of its tasks had ended, as it was first recorded. */
  readonly completedAt: number | null;
  readonly tasks: readonly TaskTimeline[];
  /** Commits that were made inside its tasks, and inside the tasks of those, oldest first. */
  readonly derived: readonly Omit<CommitTimeline, 'derived'>[];
  /** Time at which this was asked. */
  readonly now: number;
}

/** Tells whether anything of it was sent as a trace: at the commit, or by an attempt of another day. */
export const isTraced = (timeline: CommitTimeline): boolean =>
  [timeline, ...timeline.derived]
    .flatMap(({ commit, tasks }) => [
      commit.traceParent,
      ...tasks.flatMap(({ turns }) => turns.map(({ traceParent }) => traceParent)),
    ])
    .some((traceParent) => parseTraceParent(traceParent)?.sampled === true);

/** The timeline of a firing: its tasks, at the newest commit of its time. */
export const firingTimeline = (
  name: string,
  tasks: readonly TaskStatus[],
  records: readonly ControlRecord[],
  { unfinished, now }: { readonly unfinished: Incomplete['tasks']; readonly now: number },
): CommitTimeline | null => {
  const [first] = tasks;
  const [begun] = records;
  if (first === undefined || begun === undefined) return null;
  const isOver = tasks.every(({ state }) => state !== 'pending' && state !== 'started');
  const commit: TransactionSummary = {
    txnSeq: first.parentTxnSeq,
    txnId: name,
    transactionType: 'write',
    cliArgs: [],
    status: isOver ? (first.state === 'failed' ? 'failed' : 'completed') : 'incomplete',
    startedAt: begun.timestamp,
    durationMs: null,
    dataFsVersion: null,
    errorMessage: null,
    planChecksum: null,
    isGone: false,
    traceParent: begun.traceParent,
    causedBy: [],
    factoryName: first.factoryName,
    configPath: first.configPath,
    gates: [],
    tasks,
  };
  const timeline = commitTimeline(commit, records, unfinished, now);
  return {
    ...timeline,
    completedAt: isOver ? (records.at(-1)?.timestamp ?? null) : null,
    firing: { name, dueAt: first.dueAt },
    derived: [],
  };
};

/** The timeline of a commit, from its summary, all its records, and what is unfinished in the pond. */
export const commitTimeline = (
  commit: TransactionSummary,
  records: readonly ControlRecord[],
  unfinished: Incomplete['tasks'],
  now: number,
): Omit<CommitTimeline, 'derived'> => {
  const recordsOf = new Map<number, ControlRecord[]>();
  for (const record of records) {
    const { executionSeq } = record;
    if (executionSeq === null) continue;
    const known = recordsOf.get(executionSeq);
    if (known === undefined) recordsOf.set(executionSeq, [record]);
    else known.push(record);
  }
  const runners = new Map(
    unfinished
      .filter(({ parentTxnSeq }) => parentTxnSeq === commit.txnSeq)
      .map(({ executionSeq, runner }) => [executionSeq, runner]),
  );
  return {
    commit,
    completedAt: records.find(({ recordType }) => recordType === 'completed')?.timestamp ?? null,
    tasks: commit.tasks.map((status) => ({
      status,
      turns: turnsOf(recordsOf.get(status.executionSeq) ?? []),
      runner: runners.get(status.executionSeq) ?? null,
    })),
    now,
  };
};
