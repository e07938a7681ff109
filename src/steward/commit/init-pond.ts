import { flatMap, isLeft, mapLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { SYSTEM_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { steps } from '../../effects/steps.js';
import type { FileSystemError } from '../../ports/file-system.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import { makePondDirectory, newTLog } from '../../tlogfs/init-tlog.js';
import { tableLayout } from '../../tlogfs/table-layout.js';
import type { PondError } from '../errors.js';
import { callerContext, inSpan } from '../pond/in-span.js';
import { surroundingsOf } from '../pond/inside/surroundings.js';
import { refuseStrangeLinks } from '../pond/opening/linked-directories.js';
import { aboutDirectory, assemblePond } from '../pond/opening/open-pond.js';
import { openControl, type PondControl, writerLockOn } from '../pond/opening/pond-control.js';
import { putControlAside } from '../pond/opening/put-control-aside.js';
import { layout, type Pond } from '../pond/pond.js';
import { refusalOfReplica } from '../pond/replica.js';
import type { SharedPond } from '../pond/shared-pond.js';
import type { OpenOptions } from '../shapes/open-options.js';
import type { WriteOutcome } from '../shapes/transactions.js';
import type { StewardPorts } from '../steward-ports.js';
import { approveFiles, commandText } from '../trust/pond-trust.js';
import { write } from './write-transaction.js';
import { makeControlPrivate } from './writers/private-control.js';
import { shareWithGroup } from './writers/share-with-group.js';

export interface InitOptions extends OpenOptions {
  /** Name of the place where the pond was made, for people; by default this machine's name. */
  readonly birthplace?: string;
  /** The group that the pond is shared with: the number of it. Default: the pond is its maker's only. */
  readonly sharedWith?: number;
}

/** Options by which a pond is made here. */
export interface MakingOptions extends InitOptions {
  /** Store that it is made in, and its identity there. Default: it lies in its directory. */
  readonly beginning?: { readonly pondId: string; readonly shared: SharedPond };
}

/**
 * Makes a pond: its first transaction creates `/etc/system.d`, and its log entry is what makes the directory a pond.
 * An interrupted `init` leaves none and can simply be repeated.
 */
export const initPond = (
  ports: StewardPorts,
  directory: string,
  options: MakingOptions,
): TE.TaskEither<PondError, WriteOutcome<void>> => {
  const pondId = options.beginning?.pondId ?? ports.ids.uuidV7();
  const attributes = { [ATTRIBUTE.pondId]: pondId };
  const start = { name: SPAN.commit, parent: callerContext(ports.host), attributes };
  return inSpan(
    ports.telemetry,
    start,
  )((span) =>
    underNewLock(
      ports,
      directory,
      options.sharedWith ?? null,
      TE.bracket(
        newPond(ports, directory, pondId, options),
        (pond) =>
          pipe(
            // A pond that a task makes was caused by it like any other commit.
            surroundingsOf(pond),
            TE.flatMap((around) =>
              write(
                pond,
                { span, around },
                ({ fs }) =>
                  pipe(
                    fs.mkdirAll(SYSTEM_DIRECTORY),
                    // Only now there is all that belongs to a pond's directory, and its owners can be told.
                    TE.tapIO(() => () => approveOwnFiles(ports, directory, options.cliArgs ?? [])),
                    TE.asUnit,
                  ),
                { operation: 'init' },
                // It is held from before there was a pond.
                (_signal, use) => use(null),
              ),
            ),
          ),
        ({ control }) => TE.fromIO(control.close),
      ),
    ),
  );
};

/** A pond in which nothing is yet, its control table included. Its first commit sets off nothing, whatever is asked for. */
const newPond = (
  ports: StewardPorts,
  directory: string,
  pondId: string,
  options: MakingOptions,
): TE.TaskEither<PondError, Pond> => {
  const { data } = layout(directory);
  const shared = options.beginning?.shared ?? null;
  const tlog =
    shared?.tlog ?? newTLog(ports)(data, { pondId, birthplace: options.birthplace ?? ports.host.hostName });
  const unfinished = refusalOfReplica({ ports, directory });
  if (unfinished !== null) return TE.left(unfinished);
  return pipe(
    // A control table is put aside only where there is no pond that it could belong to.
    tlog.head(),
    TE.mapLeft(aboutDirectory(directory)),
    TE.flatMap(() => newControlTable(ports, directory, pondId, shared)),
    TE.map((control) =>
      assemblePond(
        ports,
        directory,
        { ...options, postCommit: 'run', ...(shared === null ? {} : { shared }) },
        tlog,
        control,
      ),
    ),
  );
};

/** Approves what lies in the directory beside the pond: it is this user's own; where no approval can be kept, the next commands need to know. */
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
  directory: string,
  pondId: string,
  shared: SharedPond | null,
): TE.TaskEither<PondError, PondControl> => {
  const opened = openControl(ports, directory, shared, pondId, { create: true });
  return pipe(
    opened,
    TE.orElse(
      (error): TE.TaskEither<PondError, PondControl> =>
        // What others' ponds keep there is not put aside.
        error._tag === 'ControlUnusable' && shared === null
          ? pipe(
              putControlAside(ports, layout(directory).control),
              TE.flatMap(() => opened),
            )
          : TE.left(error),
    ),
  );
};

const hostFileFailed = ({ path, code, call }: FileSystemError): PondError => ({
  _tag: 'HostFileFailed',
  path,
  code,
  call,
});

/** Two processes that make the same pond at once: one of them gets there first. */
const underNewLock = <A>(
  ports: StewardPorts,
  directory: string,
  sharedWith: number | null,
  work: TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> =>
  steps(async ({ run, take, fail }) => {
    const { files } = ports;
    const { control, data } = layout(directory);
    const refusal = refuseStrangeLinks(ports, directory);
    if (refusal !== null) return fail(refusal);
    // The pond's own entry, too: nobody else makes that durable.
    await run(makePondDirectory(files, control, directory));
    makeControlPrivate(ports, control);
    // Where there is a pond already, nothing becomes anybody else's: that it cannot be made is said next.
    if (sharedWith !== null && isLeft(files.stat(tableLayout(data).logDir)())) {
      take(mapLeft(hostFileFailed)(shareWithGroup(ports, [directory, data, control], sharedWith)()));
    }
    const { name, tryAcquire } = writerLockOn(ports, directory);
    const lock = await run(tryAcquire());
    if (lock === null) return fail({ _tag: 'PondLocked', path: name, waitedMs: 0, holder: null });
    try {
      return await run(work);
    } finally {
      await lock.release();
    }
  });
