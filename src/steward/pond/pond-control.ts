import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlTable } from '../../control/control-table.js';
import { openControlTable } from '../../control/open-control-table.js';
import type { PondError } from '../errors.js';
import type { StewardPorts } from '../steward-ports.js';
import { layout, type WriterLock } from './pond.js';
import { runnerSeals } from './record-origin.js';
import type { SharedPond } from './shared-pond.js';

/** A pond's control table and the lock of its writers, which are in the same place. */
export interface PondControl {
  readonly table: ControlTable;
  readonly lock: WriterLock;
}

/** The lock on a file of a control directory. */
export const writerLockOn = ({ locks }: Pick<StewardPorts, 'locks'>, directory: string): WriterLock => {
  const path = layout(directory).writerLock;
  return {
    name: path,
    tryAcquire: () =>
      pipe(
        TE.fromIOEither(locks.tryAcquire(path)),
        TE.mapLeft((failed): PondError => failed.unsafe ?? failed),
        TE.map((lock) => (lock === null ? null : { release: async () => lock.release() })),
      ),
    isHeld: () => TE.fromIOEither(locks.isHeld(path)),
  };
};

/** Opens a pond's control table, where it is: in the pond's directory, or where a pond in a store says. `create` makes a missing one, empty. */
export const openControl = (
  ports: StewardPorts,
  directory: string,
  shared: SharedPond | null,
  pondId: string,
  options: { readonly create: boolean },
): TE.TaskEither<PondError, PondControl> =>
  shared?.control._tag === 'Postgres'
    ? TE.left({
        ...{ _tag: 'InvalidControl', address: shared.control.address },
        problem: 'this version knows no control tables in databases',
      })
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
