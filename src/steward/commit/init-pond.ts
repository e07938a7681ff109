import { flatMap, isLeft, left } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlTable } from '../../control/control-table.js';
import { openControlTable } from '../../control/open-control-table.js';
import { loggerIn } from '../../effects/with-span.js';
import { createRegistry } from '../../factories/registry/create-registry.js';
import { EMPTY_PLAN } from '../../planner/empty-plan.js';
import { SYSTEM_DIRECTORY } from '../../planner/entries/discovered-entry.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import { makeDurableDirectory, parentOf } from '../../tlogfs/durable-directory.js';
import { attempt } from '../../tlogfs/failure.js';
import { initTLog } from '../../tlogfs/init-tlog.js';
import type { Committed, TransactionIdentity } from '../../tlogfs/tlog.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { storedPlanOf } from '../planning/stored-plan.js';
import { writerOf } from '../pond/filesystems.js';
import { callerContext, inSpan } from '../pond/in-span.js';
import { aboutDirectory } from '../pond/open-pond.js';
import { layout } from '../pond/pond.js';
import { putControlAside } from '../pond/put-control-aside.js';
import { type Stopwatch, startStopwatch } from '../pond/stopwatch.js';
import type { OpenOptions, WriteOutcome } from '../steward.js';
import type { StewardPorts } from '../steward-ports.js';
import { approveFiles, commandText } from '../trust/pond-trust.js';
import { beginRecord } from './begin-record.js';
import { makeControlPrivate } from './private-control.js';

export interface InitOptions extends OpenOptions {
  /** Where the pond was made, for people; by default this machine's name. */
  readonly birthplace?: string;
}

/**
 * Makes a pond: its first transaction creates `/etc/system.d`, and its log entry is what makes the directory a pond.
 * An interrupted `init` leaves none and can simply be repeated.
 */
export const initPond = (
  ports: StewardPorts,
  directory: string,
  options: InitOptions,
): TE.TaskEither<PondError, WriteOutcome<void>> => {
  const pondId = ports.ids.uuidV7();
  const stopwatch = startStopwatch(ports.clock);
  const identity = { txnSeq: 1, txnId: ports.ids.uuidV7(), timestamp: stopwatch.startedAt };
  const birthplace = options.birthplace ?? ports.host.hostName;
  const { control, data, writerLock } = layout(directory);
  const attributes = { [ATTRIBUTE.pondId]: pondId, [ATTRIBUTE.txnSeq]: identity.txnSeq };
  const start = { name: SPAN.commit, parent: callerContext(ports.host), attributes };
  return inSpan(
    ports.telemetry,
    start,
  )((span) =>
    underNewLock(
      ports,
      directory,
      writerLock,
      pipe(
        TE.Do,
        TE.bind('tlog', () =>
          pipe(
            initTLog(ports)(data, { pondId, birthplace, identity }),
            TE.mapLeft(aboutDirectory(directory)),
          ),
        ),
        TE.bindW('table', () => newControlTable(ports, control, pondId)),
        TE.tapIO(() => () => approveOwnFiles(ports, directory, options.cliArgs ?? [])),
        TE.flatMap(({ tlog, table }) =>
          pipe(
            table.recordBegin(
              beginRecord(
                { ports, options: { cliArgs: options.cliArgs ?? [] } },
                'write',
                identity,
                0,
                span.context.traceParent,
              ),
            ),
            TE.flatMap(() =>
              writerOf(tlog, identity, ports.ids, createRegistry([], { environment: {} })).mkdirAll(
                SYSTEM_DIRECTORY,
              ),
            ),
            TE.flatMap(() =>
              tlog.commit({
                operation: 'init',
                cliArgs: options.cliArgs ?? [],
                planChecksum: EMPTY_PLAN.checksum,
                plannerVersion: EMPTY_PLAN.planner_version,
                suppressed: null,
              }),
            ),
            TE.flatMap((committed) => recordInit({ ports, table, identity, stopwatch, span }, committed)),
            closing(table),
          ),
        ),
      ),
    ),
  );
};

/** What lies in the directory beside the pond is this user's own; where no approval can be kept, the next commands need to know. */
const approveOwnFiles = (ports: StewardPorts, directory: string, cliArgs: readonly string[]): void => {
  const approved = pipe(
    ports.userState.directory(),
    flatMap(() => approveFiles(ports, directory, commandText(cliArgs))),
  );
  if (isLeft(approved)) {
    const { path, problem } = approved.left;
    ports.logger.log('warn', 'approvals_not_kept', {
      ...(path === null ? {} : { path }),
      problem,
      remedy:
        'before something is configured to run: set POND_STATE_DIR to a directory of your own, or give --trust',
    });
  }
};

/** A control table of this pond's own. One that an interrupted `init` left belongs to a pond that never came to be. */
const newControlTable = (
  ports: StewardPorts,
  controlDir: string,
  pondId: string,
): TE.TaskEither<PondError, ControlTable> =>
  pipe(
    openControlTable(ports)(controlDir, pondId, { create: true }),
    TE.orElse(
      (error): TE.TaskEither<PondError, ControlTable> =>
        error._tag === 'ControlUnusable'
          ? pipe(
              putControlAside(ports, controlDir),
              TE.flatMap(() => openControlTable(ports)(controlDir, pondId, { create: true })),
            )
          : TE.left(error),
    ),
  );

interface Initialising {
  readonly ports: StewardPorts;
  readonly table: ControlTable;
  readonly identity: TransactionIdentity;
  readonly stopwatch: Stopwatch;
  readonly span: Span;
}

const recordInit = (
  { ports, table, identity, stopwatch: { ended }, span }: Initialising,
  committed: Committed,
): TE.TaskEither<never, WriteOutcome<void>> => {
  span.set({ [ATTRIBUTE.dataFsVersion]: committed.version });
  return pipe(
    table.recordDataCommitted({
      ...identity,
      basedOnSeq: 0,
      ...ended(),
      dataFsVersion: committed.version,
      plan: storedPlanOf(EMPTY_PLAN),
      traceParent: span.context.traceParent,
      tasks: [],
      claimedBy: null,
    }),
    TE.match(
      (error) => {
        loggerIn(ports.logger, span).log('error', 'commit_not_recorded', {
          txn_seq: identity.txnSeq,
          error: describeError(error),
        });
        return false;
      },
      () => true,
    ),
    TE.fromTask,
    TE.map((recorded) => ({
      _tag: 'Committed',
      value: undefined,
      txnSeq: identity.txnSeq,
      txnId: identity.txnId,
      dataFsVersion: committed.version,
      durability: committed.durability,
      recorded,
      suppressed: null,
      tasks: [],
    })),
  );
};

const closing =
  (table: ControlTable) =>
  <E, A>(work: TE.TaskEither<E, A>): TE.TaskEither<E, A> =>
  async () => {
    try {
      return await work();
    } finally {
      table.close();
    }
  };

/** Two processes that make the same pond at once: one of them gets there first. */
const underNewLock =
  <A>(
    ports: StewardPorts,
    directory: string,
    path: string,
    work: TE.TaskEither<PondError, A>,
  ): TE.TaskEither<PondError, A> =>
  async () => {
    const { files } = ports;
    const { control } = layout(directory);
    // The pond's own entry, too: nobody else makes that durable.
    const made = await attempt(async () => makeDurableDirectory(files, control, parentOf(directory)))();
    if (isLeft(made)) return made;
    makeControlPrivate(ports, control);
    const lock = ports.locks.tryAcquire(path)();
    if (isLeft(lock)) return left(lock.left.unsafe ?? lock.left);
    if (lock.right === null) return left({ _tag: 'PondLocked', path, waitedMs: 0, holder: null });
    try {
      return await work();
    } finally {
      lock.right.release();
    }
  };
