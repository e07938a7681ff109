import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlTable } from '../../../control/control-table.js';
import { openControlTable } from '../../../control/open-control-table.js';
import type { RunningTask } from '../../../control/records/claim.js';
import { type Chain, type ChainLink, innermostTask, joinChains } from '../../../domain/plans/chain.js';
import { printTaskId, type TaskId } from '../../../domain/plans/task-id.js';
import { steps } from '../../../effects/steps.js';
import type { CauseMark } from '../../../ports/causes.js';
import type { TraceContext } from '../../../ports/telemetry.js';
import type { PondError } from '../../errors.js';
import { callerContext } from '../in-span.js';
import { layout, type Pond } from '../pond.js';
import { type CalledBy, CHAIN_VARIABLE, readCalledBy } from '../pond-chain.js';

/**
 * Tasks and runs by hand inside which this code runs, as far as it can be told:
 *
 *   - by the cause that this process follows through what a task calls and awaits;
 *   - by `POND_CHAIN`, as long as the attempt, or the run by hand, that is innermost in it is going on;
 *   - by this process's parents and process group: one of them is a live runner of this pond that is running tasks, or is
 *     in the group that a task's child was started in. Where one task cannot be singled out, it is inside all of them.
 */
export interface Surroundings {
  /** The outermost first; empty outside of everything. */
  readonly chain: Chain;
  /** The innermost task of this pond: whatever is committed inside it is derived. */
  readonly task: TaskId | null;
  /** The runner of that task, where it is running now. */
  readonly runnerId: string | null;
  /** The transaction whose state the innermost of this pond sees; null: there is none, or there are several. */
  readonly txnSeq: number | null;
  /** The place in a trace of what is done here. */
  readonly trace: TraceContext | null;
}

const OUTSIDE_OF_ALL: Omit<Surroundings, 'trace'> = { chain: [], task: null, runnerId: null, txnSeq: null };

/** Finds out inside what the code that calls this runs. */
export const surroundingsOf = (pond: Pond): TE.TaskEither<PondError, Surroundings> =>
  steps(async ({ run }) => {
    const cause = pond.ports.causes.current();
    const { pondId } = pond.tlog;
    const running = pond.control.readOnly === null ? await run(pond.control.runningTasks()) : [];
    // Most commits are made where nothing of a pond is running.
    if (running.length === 0 && cause === null && (pond.ports.host.variables[CHAIN_VARIABLE] ?? '') === '')
      return { trace: callerContext(pond.ports.host), ...OUTSIDE_OF_ALL };
    const called: (CalledBy & { readonly trace: string | null }) | null =
      cause === null || cause.isOver() || cause.mark === null
        ? withoutTrace(await calledBy(pond, running))
        : { mark: cause.mark, chain: cause.chain, trace: cause.traceParent };
    const inner = called?.chain ?? [];
    // What is told exactly needs no guess at which of several tasks it is.
    const around = innermostTask(inner, pondId) === null ? tasksAround(pond, running) : [];
    const outer = await Promise.all(around.map(({ claim }) => chainOfTask(pond, claim)));
    const chain = joinChains([...outer, inner]);
    const task = innermostTask(chain, pondId);
    const isOwn = chain.at(-1)?.pond_id === pondId && called !== null;
    const seqs = new Set(around.map(({ claim }) => claim.parentTxnSeq));
    const runner = running.find(({ claim }) => task !== null && printTaskId(claim) === printTaskId(task));
    return {
      chain,
      task,
      runnerId: runner?.claim.runnerId ?? null,
      txnSeq: isOwn ? called.mark.txn_seq : seqs.size > 1 ? null : (task?.parentTxnSeq ?? null),
      trace: calledFrom(called?.trace ?? null) ?? (await traceOf(pond, task)),
    };
  });

const withoutTrace = (called: CalledBy | null) => (called === null ? null : { ...called, trace: null });

/** Value of `POND_CHAIN`, where it still counts. */
const calledBy = async (pond: Pond, running: readonly RunningTask[]): Promise<CalledBy | null> => {
  const called = readCalledBy(pond.ports.host.variables[CHAIN_VARIABLE]);
  const last = called?.chain.at(-1);
  if (called === null || last === undefined) return null;
  const goesOn =
    last.pond_id === pond.tlog.pondId
      ? await isGoingOn(pond.control, called.mark, running)
      : await isGoingOnElsewhere(pond, called.mark, last.pond_id);
  return goesOn ? called : null;
};

const isGoingOn = async (
  control: Pick<ControlTable, 'findIncompleteTransactions'>,
  mark: CauseMark,
  running: readonly RunningTask[],
): Promise<boolean> => {
  if ('token' in mark) return running.some(({ claim }) => claim.token === mark.token);
  const open = await control.findIncompleteTransactions()();
  return !isLeft(open) && open.right.some(({ txnId }) => txnId === mark.txn_id);
};

/** The other pond is only looked at; one that cannot be opened tells nothing. */
const isGoingOnElsewhere = async (pond: Pond, mark: CauseMark, pondId: string): Promise<boolean> => {
  const ports = pond.ports.otherControl(mark.pond);
  const opened = await openControlTable(ports)(layout(mark.pond).control, pondId, { create: false })();
  if (isLeft(opened)) return false;
  const control = opened.right;
  try {
    const running = await control.runningTasks()();
    return !isLeft(running) && (await isGoingOn(control, mark, running.right));
  } finally {
    control.close();
  }
};

/** The tasks inside which this process is, by its parents: the one whose child they are, else all of a parent's. */
const tasksAround = ({ ports: { host } }: Pond, running: readonly RunningTask[]): readonly RunningTask[] => {
  if (running.length === 0) return [];
  const bootId = host.bootId();
  const pidNamespace = host.pidNamespace();
  const here = running.filter(
    ({ runner }) => runner.bootId === bootId && runner.pidNamespace === pidNamespace,
  );
  if (here.length === 0) return [];
  const ancestry = host.ancestry();
  const groups = new Set(ancestry.map(({ group }) => group));
  const parents = new Set(ancestry.slice(1).map(({ pid }) => pid));
  const ofGroup = here.filter(({ group }) => group !== null && groups.has(group));
  return ofGroup.length > 0 ? ofGroup : here.filter(({ runner }) => parents.has(runner.pid));
};

/** A task as the end of a chain: after it comes what is done inside it. */
export const linkOf = (pondId: string, claim: TaskId & { readonly configPath: string }): ChainLink => {
  const link = { pond_id: pondId, task: printTaskId(claim), config_path: claim.configPath };
  // A firing is not a task of a commit: what is committed inside it is an ordinary commit that carries it.
  return claim.firing === undefined ? link : { ...link, task: null, firing: link.task };
};

const chainOfTask = async (pond: Pond, claim: RunningTask['claim']): Promise<Chain> => {
  if (claim.firing !== undefined) return [linkOf(pond.tlog.pondId, claim)];
  const commit = await pond.tlog.commitOf(claim.parentTxnSeq)();
  // Where another engine has removed the log's entry, what had caused the commit is not known any more.
  const before = isLeft(commit) ? [] : commit.right.causedBy;
  return [...before, linkOf(pond.tlog.pondId, claim)];
};

/** Returns the trace of an attempt for what is done inside its task, where a caller says nothing of a trace. */
const traceOf = async (pond: Pond, task: TaskId | null): Promise<TraceContext | null> => {
  const caller = callerContext(pond.ports.host);
  if (caller !== null || task === null) return caller;
  const tasks = await pond.control.getPostCommitTasks(task.parentTxnSeq)();
  const status = isLeft(tasks)
    ? undefined
    : tasks.right.find(({ executionSeq }) => executionSeq === task.executionSeq);
  return calledFrom(status?.traceParent ?? null);
};

const calledFrom = (traceParent: string | null): TraceContext | null =>
  traceParent === null ? null : { traceParent, origin: 'caller' };

/** Refuses what would run a task of this pond within itself, or wait for it. */
export const refuseInsideTask = (
  pond: Pond,
  call: Extract<PondError, { _tag: 'RefusedInsideTask' }>['call'],
): TE.TaskEither<PondError, void> =>
  pipe(
    surroundingsOf(pond),
    TE.flatMap(
      ({ task }): TE.TaskEither<PondError, void> =>
        task === null
          ? TE.right(undefined)
          : TE.left({ _tag: 'RefusedInsideTask', call, task: printTaskId(task) }),
    ),
  );
