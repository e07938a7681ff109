import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import { type InitOptions, initPond } from './commit/init-pond.js';
import type { PondError } from './errors.js';
import { fsck } from './fsck/fsck.js';
import { type OpeningOptions, openPond } from './pond/opening/open-pond.js';
import type { Pond } from './pond/pond.js';
import type { Confine, SharedPond } from './pond/shared-pond.js';
import { type RebuiltControl, rebuildControl } from './recovery/rebuild-control.js';
import type { OpenOptions } from './shapes/open-options.js';
import type { FsckOptions, FsckReport } from './shapes/report.js';
import type { WriteOutcome } from './shapes/transactions.js';
import { inWholeCopy } from './shared/fsck-shared.js';
import { beginShared, enterShared } from './shared/open-shared.js';
import type { StewardPorts } from './steward-ports.js';

/** Opens a pond in a store. */
export const openShared = (
  ports: StewardPorts,
  confine: Confine,
  url: string,
  options: OpeningOptions,
): TE.TaskEither<PondError, Pond> =>
  pipe(
    enterShared(ports, confine, url, options),
    TE.flatMap(({ ports: confined, directory, shared }) =>
      pipe(
        openPond(confined, directory, { ...options, shared }),
        TE.tapError(() => TE.fromIO(shared.close)),
      ),
    ),
  );

/** Makes a pond in a store. */
export const initShared = (
  ports: StewardPorts,
  confine: Confine,
  url: string,
  options: InitOptions,
): TE.TaskEither<PondError, WriteOutcome<void>> =>
  pipe(
    beginShared(ports, confine, url, options),
    TE.flatMap(({ ports: confined, directory, pondId, shared }) =>
      pipe(
        initPond(confined, directory, { ...options, beginning: { pondId, shared } }),
        TE.tapError(() => TE.fromIO(shared.close)),
      ),
    ),
  );

/** Checks a pond in a store: all of it is fetched, as it lies there, and looked at. */
export const fsckShared = (
  ports: StewardPorts,
  confine: Confine,
  url: string,
  options: FsckOptions & OpenOptions,
): TE.TaskEither<PondError, FsckReport> =>
  pipe(
    enterShared(ports, confine, url, options),
    TE.flatMap((entrance) =>
      TE.bracket(
        TE.right(entrance),
        ({ ports: confined, directory, shared }) =>
          shared.control._tag === 'Directory'
            ? inWholeCopy({ ports: confined, directory, shared }, (inside, whole) =>
                fsck(inside, whole, { ...options, isInStore: true }),
              )
            : TE.bracket(
                openPond(confined, directory, { ...options, shared: lent(shared) }),
                (pond) => fsckOpenShared(pond, shared, options),
                ({ control }) => TE.fromIO(control.close),
              ),
        ({ shared }) => TE.fromIO(shared.close),
      ),
    ),
  );

/** Makes the control table of a pond in a store complete again from its log. */
export const rebuildSharedControl = (
  ports: StewardPorts,
  confine: Confine,
  url: string,
  options: OpenOptions,
): TE.TaskEither<PondError, RebuiltControl> =>
  pipe(
    enterShared(ports, confine, url, options),
    TE.flatMap(({ ports: confined, directory, shared }) =>
      TE.bracket(
        TE.right(shared),
        () => rebuildControl(confined, directory, { ...options, shared }),
        ({ close }) => TE.fromIO(close),
      ),
    ),
  );

/**
 * The same of one that is open. What a control table in a database knows is asked before the log is fetched: whatever it knows by then has
 * been in the log.
 */
export const fsckOpenShared = (
  {
    ports,
    directory,
    control,
    fleet,
    writerLock,
  }: Pick<Pond, 'ports' | 'directory' | 'control' | 'fleet' | 'writerLock'>,
  shared: SharedPond,
  options: FsckOptions & Pick<OpenOptions, 'factoryModules'>,
): TE.TaskEither<PondError, FsckReport> =>
  steps<PondError, FsckReport>(async ({ run }) => {
    const isServed = shared.control._tag === 'Postgres';
    const before = isServed ? await run(control.commits()) : [];
    const beside = isServed && fleet !== null ? await run(fleet.check()) : null;
    const now = async () => {
      const known = await control.commits()();
      return isLeft(known) ? before : known.right;
    };
    const isWriting = async () => {
      const held = await writerLock.isHeld()();
      return isLeft(held) || held.right;
    };
    return run(
      inWholeCopy({ ports, directory, shared }, (confined, whole) =>
        fsck(confined, whole, {
          ...options,
          isInStore: true,
          ...(beside === null ? {} : { served: { before, beside, now, isWriting }, shared: lent(shared) }),
        }),
      ),
    );
  });

/** The same for whoever does not let go of the store. */
const lent = (shared: SharedPond): SharedPond => ({ ...shared, close: () => undefined });
