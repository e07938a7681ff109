import { getOrElse, isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { OpenTransaction } from '../../control/control-record.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { Incomplete } from '../upkeep.js';

/** Finds what is unfinished or failed in a pond, and what is running. Reads only. */
export const findIncomplete = (pond: Pond): TE.TaskEither<PondError, Incomplete> =>
  steps(async ({ run }) => {
    const open = await run(pond.control.findIncompleteTransactions());
    const tasks = await run(pond.control.findIncompletePostCommitTasks());
    const isRunning = await runningAmong(pond, tasks);
    return {
      transactions: open.map((transaction) => ({ ...transaction, isRunning: isRunning(transaction) })),
      tasks,
      failedTasks: await run(pond.control.findFailedTasks()),
    };
  });

/** Tells whether a live process is at a transaction: by the writer's lock, by its tasks' runners, or, of a read, by its process. */
const runningAmong = async (
  pond: Pond,
  tasks: Incomplete['tasks'],
): Promise<(transaction: OpenTransaction) => boolean> => {
  const held = await pond.writerLock.isHeld()();
  const writerIsLive = isLeft(held) || held.right;
  const ofLiveRunners = new Set(tasks.flatMap(({ runner, txnId }) => (runner === null ? [] : [txnId])));
  return (transaction) => {
    if (transaction.transactionType === 'read') return !isDeadRead(pond, transaction);
    return transaction.dataCommitted ? ofLiveRunners.has(transaction.txnId) : writerIsLive;
  };
};

/** Amount of unfinished work that no live process is busy with. */
export interface Abandoned {
  readonly transactions: number;
  readonly tasks: number;
  readonly hostPlans: number;
}

/** Counts abandoned work. What a live background runner takes up is not abandoned. */
export const findAbandoned = (pond: Pond): TE.TaskEither<PondError, Abandoned> =>
  steps(async ({ run }) => {
    const open = await run(pond.control.findIncompleteTransactions());
    const unfinished = await run(pond.control.findIncompletePostCommitTasks());
    const isServed = unfinished.length > 0 && (await run(pond.control.backgroundRunner())) !== null;
    const isRunning = await runningAmong(pond, unfinished);
    const waiting = new Set(isServed ? unfinished.map(({ txnId }) => txnId) : []);
    return {
      transactions: open.filter((one) => !isRunning(one) && !waiting.has(one.txnId)).length,
      tasks: isServed ? 0 : unfinished.filter(({ runner }) => runner === null).length,
      // Where they cannot be looked at, recovery and fsck say so.
      hostPlans: getOrElse(() => 0)(pond.ports.hostPlans(pond.directory).countAbandoned()),
    };
  });

/** Tells whether there is something to repair besides tasks that are to be run: {@link repairPond} of `recover.ts` does. */
export const needsRepair = (pond: Pond): TE.TaskEither<PondError, boolean> =>
  steps(async ({ run }) => {
    const open = await run(pond.control.findIncompleteTransactions());
    const unfinished = open.length === 0 ? [] : await run(pond.control.findIncompletePostCommitTasks());
    const isRunning = await runningAmong(pond, unfinished);
    const waiting = new Set(unfinished.map(({ txnId }) => txnId));
    return (
      open.some((one) => !isRunning(one) && !waiting.has(one.txnId)) ||
      getOrElse(() => 0)(pond.ports.hostPlans(pond.directory).countAbandoned()) > 0
    );
  });

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
