import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TransactionQuery } from '../../control/transaction-methods.js';
import { steps } from '../../effects/steps.js';
import { acting, looking } from '../acting.js';
import type { PondError } from '../errors.js';
import { newestOwnCommit } from '../planning/newest-own-commit.js';
import { registryOfState } from '../pond/factories/known-factories.js';
import { fleetOf } from '../pond/fleet-status.js';
import { surroundingsOf } from '../pond/inside/surroundings.js';
import type { Pond } from '../pond/pond.js';
import { findIncomplete } from '../recovery/unfinished-work.js';
import type { PondStatus } from '../shapes/call-reports.js';
import type { IncompleteOptions } from '../shapes/upkeep.js';
import type { Steward } from '../steward.js';
import { withPlacesOfTasks } from './task-calls.js';

const EVERY_TYPE: TransactionQuery['transactionTypes'] = ['read', 'write'];

/** Calls that say how the pond is, and change nothing. */
export const stateCalls = (
  pond: Pond,
): Pick<
  Steward,
  | 'status'
  | 'incomplete'
  | 'failingEntries'
  | 'workers'
  | 'newestOwnCommit'
  | 'transactions'
  | 'records'
  | 'schedules'
  | 'watches'
  | 'previewWatches'
  | 'surroundings'
  | 'factories'
> => ({
  status: (options) => status(pond, options),
  incomplete: (options) =>
    pipe(
      findIncomplete(pond, options),
      TE.flatMap((found) => (found.tasks.length === 0 ? TE.right(found) : withPlacesOfTasks(pond, found))),
    ),
  failingEntries: () => pond.control.failingEntries(),
  workers: () => fleetOf(pond),
  newestOwnCommit: () => newestOwnCommit(pond),
  transactions: ({ limit = null, txnSeq = null, transactionTypes = EVERY_TYPE, ...others } = {}) =>
    pond.control.transactions({ ...others, limit, txnSeq, transactionTypes }),
  records: (of = {}) => pond.control.records(of),
  schedules: () => looking(({ scheduleStatuses }) => scheduleStatuses(pond)),
  watches: () => looking(({ watchedFolders }) => watchedFolders(pond)),
  previewWatches: () => acting(({ previewWatches }) => previewWatches(pond)),
  surroundings: () =>
    pipe(
      surroundingsOf(pond),
      TE.map(({ chain, txnSeq }) => ({ chain, txnSeq })),
    ),
  factories: () =>
    pipe(
      pond.tlog.snapshot(),
      TE.flatMap((view) => TE.fromTask(registryOfState(pond, view))),
    ),
});

const status = (pond: Pond, options: IncompleteOptions = {}): TE.TaskEither<PondError, PondStatus> =>
  steps(async ({ run }) => {
    const head = await run(pond.tlog.head());
    const incomplete = await run(findIncomplete(pond, options));
    const remotes = await run(looking(({ remoteLags }) => remoteLags(pond)));
    const replicaOf = await run(looking(({ replicaOrigin }) => replicaOrigin(pond)));
    return {
      pondId: pond.tlog.pondId,
      birthplace: pond.tlog.birthplace,
      lastTxnSeq: head.txnSeq,
      dataFsVersion: head.version,
      incomplete,
      remotes,
      replicaOf,
      schedules: await run(looking(({ scheduleStatuses }) => scheduleStatuses(pond))),
      watches: await run(looking(({ watchedFolders }) => watchedFolders(pond))),
      untaken: pond.fleet === null ? [] : await run(pond.fleet.untaken(pond.ports.clock.nowMicros())),
      fleet: await run(fleetOf(pond)),
    };
  });
