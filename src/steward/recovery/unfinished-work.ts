import { getOrElse, isLeft, isRight } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { OpenTransaction } from '../../control/records/transaction-summary.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import { layout, type Pond } from '../pond/pond.js';
import type { Incomplete, IncompleteOptions } from '../shapes/upkeep.js';

/** Finds what is unfinished or failed in a pond, and what is running. Reads only. */
export const findIncomplete = (
  pond: Pond,
  { failedTasks }: IncompleteOptions = {},
): TE.TaskEither<PondError, Incomplete> =>
  steps(async ({ run }) => {
    const { open, tasks, isRunning } = await run(openNow(pond));
    return {
      transactions: open.map((transaction) => ({ ...transaction, isRunning: isRunning(transaction) })),
      tasks,
      failedTasks: await run(
        pond.control.findFailedTasks(failedTasks === undefined ? {} : { oldest: failedTasks }),
      ),
      failed: await run(pond.control.countFailedTasks()),
    };
  });

interface OpenNow {
  readonly open: readonly OpenTransaction[];
  readonly tasks: Incomplete['tasks'];
  /** Tells whether a live process is at a transaction. */
  readonly isRunning: (transaction: OpenTransaction) => boolean;
}

/** Finds open transactions, the tasks that have not ended, and which transactions a live process is at. */
const openNow = (pond: Pond): TE.TaskEither<PondError, OpenNow> =>
  steps(async ({ run }) => {
    const begun = await run(pond.control.findIncompleteTransactions());
    const tasks = await run(pond.control.findIncompletePostCommitTasks());
    const ofLiveRunners = new Set(tasks.flatMap(({ runner, txnId }) => (runner === null ? [] : [txnId])));
    return { ...(await run(openAmong(pond, begun, ofLiveRunners))), tasks };
  });

/**
 * Those of transactions that are open still, and which of them a live process is at: by the writer's lock, by its tasks' runners (`atTasks`: ids),
 * or, of a read, by its process. Who ends between the looks has a record by then: what looks abandoned is asked for once more, after the lock.
 */
const openAmong = (
  pond: Pond,
  begun: readonly OpenTransaction[],
  atTasks: ReadonlySet<string>,
): TE.TaskEither<PondError, Omit<OpenNow, 'tasks'>> =>
  steps(async ({ run }) => {
    const held = await pond.writerLock.isHeld()();
    const writerIsLive = isLeft(held) || held.right;
    const isRunning = (transaction: OpenTransaction) => {
      if (transaction.transactionType === 'read') return !isDeadRead(pond, transaction);
      return transaction.dataCommitted ? atTasks.has(transaction.txnId) : writerIsLive;
    };
    if (begun.every(isRunning)) return { open: begun, isRunning };
    const later = await run(pond.control.findIncompleteTransactions());
    const stillOpen = new Map(later.map((one) => [one.txnId, one.dataCommitted]));
    const isAsBefore = (one: OpenTransaction) => stillOpen.get(one.txnId) === one.dataCommitted;
    return { open: begun.filter((one) => isRunning(one) || isAsBefore(one)), isRunning };
  });

/** Amount of unfinished work that no live process is busy with. */
export interface Abandoned {
  readonly transactions: number;
  readonly tasks: number;
  readonly hostPlans: number;
}

/** Counts abandoned work. What a live background runner takes up is not abandoned. */
export const findAbandoned = (pond: Pond): TE.TaskEither<PondError, Abandoned> =>
  steps(async ({ run }) => {
    const { open, tasks, isRunning } = await run(openNow(pond));
    const isServed = tasks.length > 0 && (await run(pond.control.backgroundRunner())) !== null;
    const waiting = new Set(isServed ? tasks.map(({ txnId }) => txnId) : []);
    return {
      transactions: open.filter((one) => !isRunning(one) && !waiting.has(one.txnId)).length,
      tasks: isServed ? 0 : tasks.filter(({ runner }) => runner === null).length,
      // Where they cannot be looked at, recovery and fsck say so.
      hostPlans: countAbandonedPlans(pond),
    };
  });

/** Remains of killed processes besides tasks that are to be run. */
export interface LeftBehind {
  /** Tells whether a write died before it was recorded as committed, or a host plan: `repairPond` of `recover.ts` deals with it. */
  readonly isInterrupted: boolean;
  /** Commits whose tasks have all ended, and reads whose process is gone: they lack their last record, and nothing else. */
  readonly endless: readonly OpenTransaction[];
}

/** Finds what is to be repaired besides tasks that are to be run. Reads only. */
export const findLeftBehind = (pond: Pond): TE.TaskEither<PondError, LeftBehind> =>
  steps(async ({ run }) => {
    const begun = await run(pond.control.findIncompleteTransactions());
    // Looked at as often as something happens: thousands of tasks are not read for it.
    const withTasks = new Set(begun.length === 0 ? [] : await run(pond.control.commitsWithTasks()));
    const { open, isRunning } = await run(openAmong(pond, begun, withTasks));
    const left = open.filter((one) => !isRunning(one));
    const isInterrupted = ({ transactionType, dataCommitted }: OpenTransaction) =>
      transactionType === 'write' && !dataCommitted;
    return {
      isInterrupted: left.some(isInterrupted) || countAbandonedPlans(pond) > 0,
      endless: left.filter((one) => !isInterrupted(one)),
    };
  });

const countAbandonedPlans = (pond: Pond): number =>
  hasNoPlans(pond) ? 0 : getOrElse(() => 0)(pond.ports.hostPlans(pond.directory).countAbandoned());

/** Tells whether a pond keeps no checkpoints of host plans: what reads them is not loaded then. */
const hasNoPlans = ({ ports: { files }, directory }: Pond): boolean => {
  const { control, hostPlans } = layout(directory);
  const names = files.readDirectory(hostPlans)();
  return isLeft(names)
    ? names.left.code === 'ENOENT' && isRight(files.stat(control)())
    : names.right.length === 0;
};

/** A read has no lock; its process id tells whether it can still be under way. */
export const isDeadRead = (
  { ports: { host } }: { readonly ports: Pick<Pond['ports'], 'host'> },
  { transactionType, environment }: Pick<OpenTransaction, 'transactionType' | 'environment'>,
): boolean =>
  transactionType === 'read' &&
  !(
    typeof environment.pid === 'number' &&
    environment.host === host.hostName &&
    host.processIsAlive(environment.pid)
  );
