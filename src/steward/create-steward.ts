import { isLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TransactionQuery } from '../control/control-table.js';
import { printTaskId } from '../domain/plans/task-id.js';
import { onDemand } from '../effects/on-demand.js';
import { once } from '../effects/once.js';
import { steps } from '../effects/steps.js';
import { untilClosed } from '../effects/until-closed.js';
import { acting, changing, looking } from './acting.js';
import { queryBytes } from './commit/query-bytes.js';
import { readTransaction } from './commit/read-transaction.js';
import { describeError } from './describe-error.js';
import type { PondError } from './errors.js';
import { newestOwnCommit } from './planning/newest-own-commit.js';
import { fleetOf } from './pond/fleet-status.js';
import { newestSettings, refuseUnknownFactory, registryOfState } from './pond/known-factories.js';
import type { Pond } from './pond/pond.js';
import { queryPond } from './pond/query-pond.js';
import { surroundingsOf } from './pond/surroundings.js';
import { recoverOnOpen } from './recovery/recover-on-open.js';
import { findIncomplete } from './recovery/unfinished-work.js';
import type { PondStatus, Steward } from './steward.js';
import { derivedOf } from './tasks/derived-commits.js';
import { endRunner, takeOver } from './tasks/take-over.js';
import type { IncompleteOptions } from './upkeep.js';

/** Functions for ponds in stores, loaded when they are wanted. */
const sharing = onDemand(() => import('./shared-ponds.js'));

const EVERY_TYPE: TransactionQuery['transactionTypes'] = ['read', 'write'];

/** The steward of an open pond. `ending`: aborts when what others have left to it is left again, and not run, as it closes. */
export const createSteward = (pond: Pond, ending: AbortSignal = new AbortController().signal): Steward => {
  const { control, tlog } = pond;
  const opening = once(recoverOnOpen(pond));
  const afterOpening = <E, A>(work: TE.TaskEither<E, A>): TE.TaskEither<E, A> =>
    pipe(
      opening,
      TE.flatMap(() => work),
    );
  const calls: Omit<Steward, 'close'> = {
    directory: pond.address,
    pondId: tlog.pondId,
    birthplace: tlog.birthplace,

    read: (body, options) => afterOpening(readTransaction(pond)(body, options)),
    query: (sql, { at, ...options } = {}) =>
      afterOpening(
        readTransaction(pond)(({ fs }) => queryPond(pond, fs)(sql, options), {
          operation: 'query',
          ...(at === undefined ? {} : { at }),
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        }),
      ),
    queryBytes: (sql, options) => afterOpening(queryBytes(pond)(sql, options)),
    write: (body, options) =>
      pipe(
        changing(({ writeTransaction }) => writeTransaction(pond)(body, options)),
        takingOverAfter(pond, options?.signal),
        afterOpening,
      ),
    plan: (txnSeq) => acting(({ planOfCommit }) => planOfCommit(pond, txnSeq)),
    gates: (txnSeq) => acting(({ gatesOfCommit }) => gatesOfCommit(pond, txnSeq)),
    replay: (request) => acting(({ replay }) => replay(pond, request)),
    compare: (range) => acting(({ compare }) => compare(pond, range)),
    compareRows: (range) => acting(({ compareRows }) => compareRows(pond, range)),
    history: (path, query) => acting(({ pathHistory }) => pathHistory(pond, path, query)),
    commitAt: (timestamp) => acting(({ commitAt }) => commitAt(pond, timestamp)),
    fsck: (options = {}) => {
      const { shared } = pond;
      return shared === null
        ? acting(({ fsck }) => fsck(pond.ports, pond.directory, options))
        : sharing(({ fsckOpenShared }) => fsckOpenShared(pond, shared, options));
    },
    run: (path, options = {}) =>
      pipe(
        acting(({ runByHand }) => runByHand(pond, path, options)),
        takingOverAfter(pond, options.signal),
        afterOpening,
      ),
    recover: (options = {}) =>
      pipe(
        acting(({ recover, withPlaces }) =>
          pipe(
            recover(pond, options),
            TE.flatMap((report) =>
              pipe(
                withPlaces(pond, report.tasks),
                TE.map((tasks) => ({ ...report, tasks })),
              ),
            ),
          ),
        ),
        takingOverAfter(pond, options.signal),
      ),
    maintain: (options = {}) => acting(({ maintain }) => maintain(pond, options)),
    retry: (task, options = {}) =>
      pipe(
        acting(({ retry, migrateControl, withPlaces }) =>
          pipe(
            migrateControl(pond, options.signal ?? new AbortController().signal),
            TE.flatMap(() => retry(pond, task, options)),
            TE.flatMap((tasks) => withPlaces(pond, tasks)),
          ),
        ),
        takingOverAfter(pond, options.signal),
      ),
    cancel: (task, options = {}) =>
      acting(({ cancel, migrateControl }) =>
        pipe(
          migrateControl(pond, options.signal ?? new AbortController().signal),
          TE.flatMap(() => cancel(pond, task, options)),
        ),
      ),
    dismiss: (task, options = {}) =>
      acting(({ dismiss, migrateControl }) =>
        pipe(
          migrateControl(pond, options.signal ?? new AbortController().signal),
          TE.flatMap(() => dismiss(pond, task, options)),
        ),
      ),

    status: (options) => status(pond, options),
    workers: () => fleetOf(pond),
    newestOwnCommit: () => newestOwnCommit(pond),
    transactions: ({ limit = null, txnSeq = null, transactionTypes = EVERY_TYPE, ...others } = {}) =>
      control.transactions({ ...others, limit, txnSeq, transactionTypes }),
    records: (of = {}) => control.records(of),
    tasks: (txnSeq) =>
      pipe(
        tlog.commitOf(txnSeq),
        TE.flatMap(() => control.getPostCommitTasks(txnSeq)),
      ),
    firings: ({ limit } = {}) => control.firings(limit ?? null),
    firing: (name) =>
      pipe(
        control.tasksOfFiring(name),
        TE.filterOrElseW(
          (tasks) => tasks.length > 0,
          (): PondError => ({ _tag: 'TaskNotFound', task: name }),
        ),
      ),
    schedules: () => looking(({ scheduleStatuses }) => scheduleStatuses(pond)),
    watches: () => looking(({ watchedFolders }) => watchedFolders(pond)),
    previewWatches: () => acting(({ previewWatches }) => previewWatches(pond)),
    task: (id) =>
      pipe(
        id.firing === undefined
          ? control.getPostCommitTasks(id.parentTxnSeq)
          : control.tasksOfFiring(id.firing),
        TE.flatMap((tasks) =>
          TE.fromNullable<PondError>({ _tag: 'TaskNotFound', task: printTaskId(id) })(
            tasks.find(({ executionSeq }) => executionSeq === id.executionSeq),
          ),
        ),
      ),
    wait: (txnSeq, options = {}) =>
      acting(({ waitForCommit, withPlaces }) =>
        pipe(
          waitForCommit(pond, txnSeq, options),
          TE.flatMap((waited) =>
            pipe(
              withPlaces(pond, waited.tasks),
              TE.map((tasks) => ({ ...waited, tasks })),
            ),
          ),
        ),
      ),
    output: (id, options = {}) => acting(({ outputOf }) => outputOf(pond, id, options)),
    derived: (txnSeq) => derivedOf(pond, txnSeq),
    surroundings: () =>
      pipe(
        surroundingsOf(pond),
        TE.map(({ chain, txnSeq }) => ({ chain, txnSeq })),
      ),
    failingEntries: () => control.failingEntries(),
    incomplete: (options) =>
      steps(async ({ run }) => {
        const found = await run(findIncomplete(pond, options));
        const { tasks } = found;
        return tasks.length === 0
          ? found
          : { ...found, tasks: await run(acting(({ withPlaces }) => withPlaces(pond, tasks))) };
      }),
    factories: () =>
      pipe(
        tlog.snapshot(),
        TE.flatMap((view) => TE.fromTask(registryOfState(pond, view))),
      ),

    settings: () =>
      pipe(
        newestSettings(pond),
        TE.flatMap((settings) => acting(({ listSettings }) => TE.right(listSettings(settings)))),
      ),
    setSetting: (key, value) =>
      acting(({ writeSetting }) =>
        pipe(
          refuseUnknownFactory(pond, key),
          TE.flatMap(() =>
            changing(({ writeTransaction }) =>
              writeTransaction(pond)(({ fs }) => writeSetting(fs)(key, value), { operation: 'config set' }),
            ),
          ),
        ),
      ),

    addRemote: (name, remote, { replace = false } = {}) =>
      pipe(
        newestSettings(pond),
        TE.flatMap(({ remotes }) =>
          acting(({ writeSetting, refuseInside, refuseElsewhere }) => {
            const refusal =
              refuseInside(pond.ports.hostFiles, pond.directory, remote) ??
              (replace ? null : refuseElsewhere(remotes, name, remote));
            if (refusal !== null) return TE.left<PondError>(refusal);
            return changing(({ writeTransaction }) =>
              writeTransaction(pond)(
                ({ fs }) => writeSetting(fs)(`remotes.${name}`, JSON.stringify(remote)),
                { operation: 'remote add' },
              ),
            );
          }),
        ),
      ),
    removeRemote: (name) =>
      pipe(
        newestSettings(pond),
        TE.filterOrElseW(
          ({ remotes }) => name in remotes,
          ({ remotes }): PondError => ({ _tag: 'NoSuchRemote', name, known: Object.keys(remotes).sort() }),
        ),
        TE.flatMap(() =>
          acting(({ writeSetting }) =>
            changing(({ writeTransaction }) =>
              writeTransaction(pond)(({ fs }) => writeSetting(fs)(`remotes.${name}`, 'null'), {
                operation: 'remote remove',
              }),
            ),
          ),
        ),
      ),
    probeRemote: (name, options = {}) =>
      acting(({ probeRemote }) => probeRemote(pond, name, options.signal ?? new AbortController().signal)),
    push: (name = null, options = {}) => acting(({ pushRemotes }) => pushRemotes(pond, name, options)),
    pull: (options = {}) => acting(({ pullReplica }) => pullReplica(pond, options)),
    verify: (name = null, options = {}) => acting(({ verifyRemotes }) => verifyRemotes(pond, name, options)),
    promote: (options = {}) =>
      acting(({ promote }) => promote(pond, options.signal ?? new AbortController().signal)),
  };
  const whileOpen = untilClosed(
    calls,
    ({ name }): PondError => ({ _tag: 'PondClosed', directory: pond.address, call: name }),
  );
  return {
    ...whileOpen.open,
    close: () => async () => {
      whileOpen.close();
      return close(pond, ending)();
    },
  };
};

/** Runs, after this process's own tasks, those that others left to it meanwhile. Their outcome is not the caller's. */
const takingOverAfter =
  (pond: Pond, signal?: AbortSignal) =>
  <E, A>(work: TE.TaskEither<E, A>): TE.TaskEither<E, A> =>
    pipe(
      work,
      TE.tap(() => TE.fromTask(quietly(pond, takeOver(pond, signal)))),
    );

const quietly = (pond: Pond, work: TE.TaskEither<PondError, void>): (() => Promise<void>) =>
  pipe(
    work,
    TE.match(
      (error) => pond.ports.logger.log('warn', 'take_over_failed', { error: describeError(error) }),
      () => undefined,
    ),
  );

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

const close =
  (pond: Pond, signal: AbortSignal): TE.TaskEither<never, void> =>
  async () => {
    const ended = await endRunner(pond, signal)();
    if (isLeft(ended)) {
      pond.ports.logger.log('warn', 'runner_not_ended', { error: describeError(ended.left) });
      pond.runner.abandon();
    }
    pond.control.close();
    return right(undefined);
  };
