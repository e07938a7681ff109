import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../../../control/control-error.js';
import type { ControlTable } from '../../../control/control-table.js';
import { openControlTable } from '../../../control/open-control-table.js';
import { openServerControl, type ServerControl } from '../../../control/open-server-control.js';
import { steps } from '../../../effects/steps.js';
import type { Lock, LockFailed } from '../../../ports/locks.js';
import type { PondError } from '../../errors.js';
import type { StewardPorts } from '../../steward-ports.js';
import { type HeldWriterLock, layout, type WriterLock, type WriterQueue } from '../pond.js';
import { runnerSeals } from '../record-origin.js';
import type { SharedPond } from '../shared-pond.js';

/** A pond's control table and the lock of its writers, which are in the same place. */
export interface PondControl {
  readonly table: ControlTable;
  readonly lock: WriterLock;
  /** Calls back when something was recorded by another machine; without it there is none. */
  readonly listen?: ServerControl['listen'];
  /** Tasks one by one; without it they are taken by the commit. */
  readonly fleet?: ServerControl['fleet'];
}

/** The lock on a file of a control directory. */
export const writerLockOn = ({ locks }: Pick<StewardPorts, 'locks'>, directory: string): WriterLock => {
  const { writerLock: path, writerQueue } = layout(directory);
  let wasHeld = false;
  const acquire = (lock: string): TE.TaskEither<PondError, HeldWriterLock | null> =>
    steps(async ({ fail }) => {
      const tried = locks.tryAcquire(lock)();
      if (isLeft(tried)) return fail(tried.left.unsafe ?? tried.left);
      return tried.right === null ? null : heldOnFile(tried.right);
    });
  return {
    name: path,
    isElsewhere: false,
    tryAcquire: () =>
      steps(async ({ run }) => {
        const lock = await run(acquire(path));
        wasHeld ||= lock !== null;
        return lock;
      }),
    isHeld: () => TE.fromIOEither(locks.isHeld(path)),
    queue: {
      tryEnter: () => acquire(writerQueue),
      othersWait: () => (wasHeld ? TE.fromIOEither(locks.isHeld(writerQueue)) : TE.right(false)),
    },
  };
};

/** The operating system takes a lock on a file from nobody who lives. */
const heldOnFile = (lock: Lock): HeldWriterLock => ({
  release: async () => lock.release(),
  isHeldStill: async () => true,
  turn: null,
  seen: null,
});

/** Writers of many machines come by chance. */
const NO_QUEUE: WriterQueue = { tryEnter: () => TE.right(null), othersWait: () => TE.right(false) };

/** Opens a pond's control table, where it is: in the pond's directory, or where a pond in a store says. `create` makes a missing one, empty. */
export const openControl = (
  ports: StewardPorts,
  directory: string,
  shared: SharedPond | null,
  pondId: string,
  options: { readonly create: boolean },
): TE.TaskEither<PondError, PondControl> =>
  shared?.control._tag === 'Postgres'
    ? openOnServer(ports, shared.control.address, pondId, options)
    : pipe(
        openControlTable({ ...ports, seals: runnerSeals(ports, boundTo(directory, shared)) })(
          layout(directory).control,
          pondId,
          options,
        ),
        TE.map((table) => ({ table, lock: writerLockOn(ports, directory) })),
      );

/** The directory that records of processes are bound to: where several directories have copies of one pond, its control table's. */
export const boundTo = (directory: string, shared: SharedPond | null): string =>
  shared?.control._tag === 'Directory' ? shared.control.directory : directory;

/** Milliseconds that a process has from the loss of its place to its end: less than what is left of its lease then. */
const TO_END = 6_000;

/**
 * Opens a control table in a database. A runner of this process that lives no longer, as far as others know, takes the process
 * with it, and its children before: others may run its tasks as soon as its lease has ended.
 */
const openOnServer = (
  { clock, logger, controlServers }: StewardPorts,
  address: string,
  pondId: string,
  options: { readonly create: boolean },
): TE.TaskEither<PondError, PondControl> =>
  pipe(
    openServerControl({
      servers: controlServers.servers,
      clock,
      onLost: (runnerId, why) => {
        logger.log('error', 'runner_lost', { runner_id: runnerId, reason: why });
        controlServers.endSelf(TO_END);
      },
    })(address, pondId, options),
    TE.map(({ table, lock, listen, fleet }) => ({
      table,
      listen,
      fleet,
      lock: {
        name: lock.name,
        isElsewhere: true,
        queue: NO_QUEUE,
        tryAcquire: lock.tryAcquire,
        isHeld: () => pipe(lock.isHeld(), TE.mapLeft(lockFailed(lock.name))),
      },
    })),
  );

const lockFailed =
  (path: string) =>
  (error: ControlError): LockFailed => ({
    _tag: 'LockFailed',
    path,
    message: 'message' in error ? error.message : error._tag,
  });
