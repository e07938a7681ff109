import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { bindingHere } from '../../../effects/binding-here.js';
import { steps } from '../../../effects/steps.js';
import type { PondError } from '../../errors.js';
import type { StewardPorts } from '../../steward-ports.js';
import { readControlFile, writeControlFile } from './control-file.js';

const FiringPlaceCodec = t.type(
  {
    /** Empty: nowhere, until somebody promotes the pond. */
    machine: t.string,
    inode: t.string,
    /** Time before which nothing counts as missed, microseconds since the epoch. */
    from: t.number,
  },
  'firing place',
);

/** Place at which schedules fire. Copies of a pond share its schedules: at another place nothing fires until it is promoted. */
export interface FiringPlace {
  /** Time before which nothing counts as missed, microseconds since the epoch; null: it is not here that the pond's schedules fire. */
  readonly from: () => TE.TaskEither<PondError, number | null>;
  /** Makes this the place, from a time on. */
  readonly settle: (from: number) => TE.TaskEither<PondError, void>;
  /** Keeps in mind that it is another place, or none. */
  readonly leaveAt: (place: {
    readonly machine: string;
    readonly inode: string;
  }) => TE.TaskEither<PondError, void>;
}

/** No place at all. */
export const NOWHERE = { machine: '', inode: '' };

export const firingPlace = (
  ports: Pick<StewardPorts, 'files' | 'hostFiles' | 'userState' | 'host' | 'ids'>,
  directory: string,
  isElsewhere: () => TE.TaskEither<PondError, boolean>,
): FiringPlace => {
  const path = `${directory}/control/firings.json`;
  const recorded = TE.fromIOEither(readControlFile(ports, path, FiringPlaceCodec));
  const here = () => {
    const binding = bindingHere({ ...ports, files: ports.hostFiles }, directory);
    return isLeft(binding) ? null : { machine: binding.right.machine, inode: binding.right.inode };
  };
  return {
    from: () =>
      steps(async ({ run }) => {
        const place = await run(recorded);
        if (place === null) return (await run(isElsewhere())) ? null : 0;
        const now = here();
        const isHere = now === null || (now.machine === place.machine && now.inode === place.inode);
        return isHere && place.machine !== '' ? place.from : null;
      }),
    settle: (from) => {
      const now = here();
      // Where it cannot be said where this is, it cannot be told later whether it is another place.
      return now === null
        ? TE.right(undefined)
        : TE.fromIOEither(writeControlFile(ports, path, { ...now, from }));
    },
    leaveAt: (place) =>
      steps(async ({ run }) => {
        if ((await run(recorded)) === null)
          await run(TE.fromIOEither(writeControlFile(ports, path, { ...place, from: 0 })));
      }),
  };
};
