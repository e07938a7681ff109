import { getOrElse, isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { OpenTransaction } from '../../control/control-table.js';
import type { PondError } from '../errors.js';
import { layout, type Pond } from '../pond/pond.js';

/** How much unfinished work there is that no live process is busy with. */
export interface Abandoned {
  readonly transactions: number;
  readonly tasks: number;
  readonly hostPlans: number;
}

export const findAbandoned = (pond: Pond): TE.TaskEither<PondError, Abandoned> =>
  pipe(
    TE.Do,
    TE.bind('open', () => pond.control.findIncompleteTransactions()),
    TE.bind('unfinished', () => pond.control.findIncompletePostCommitTasks()),
    TE.map(({ open, unfinished }) => {
      const held = pond.ports.locks.isHeld(layout(pond.directory).writerLock)();
      const writerIsLive = isLeft(held) || held.right;
      const ofLiveRunners = new Set(
        unfinished.flatMap(({ runner, txnId }) => (runner === null ? [] : [txnId])),
      );
      return {
        transactions: open.filter((transaction) =>
          transaction.transactionType === 'read'
            ? isDeadRead(pond, transaction)
            : transaction.dataCommitted
              ? !ofLiveRunners.has(transaction.txnId)
              : !writerIsLive,
        ).length,
        tasks: unfinished.filter(({ runner }) => runner === null).length,
        // Where they cannot be looked at, recovery and fsck say so.
        hostPlans: getOrElse(() => 0)(pond.ports.hostPlans(pond.directory).countAbandoned()),
      };
    }),
  );

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
