import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { bindingHere } from '../../../effects/binding-here.js';
import { steps } from '../../../effects/steps.js';
import type { TLog } from '../../../tlogfs/tlog.js';
import type { PondError } from '../../errors.js';
import type { StewardPorts } from '../../steward-ports.js';
import { readControlFile, writeControlFile } from './control-file.js';
import { type FiringPlace, firingPlace } from './firing-place.js';

const PlaceCodec = t.type(
  {
    machine: t.string,
    inode: t.string,
    /** A UUID; null: the one that `init` made. */
    incarnation: t.union([t.string, t.null]),
  },
  'place',
);

type Place = t.TypeOf<typeof PlaceCodec>;

/**
 * Place of a pond, and the incarnation that lives there. Copies of a pond share its id; the first write at another place begins a new
 * incarnation, so that nobody takes its tasks for those of the original. A pond that was moved on its disk is at no other
 * place.
 */
export interface PondPlace {
  /** The incarnation in which a write is made here. Where it is a new one, that is durable before the commit. */
  readonly incarnation: () => TaskEither<PondError, string | null>;
  /** Begins a new incarnation here, durably. */
  readonly begin: () => TaskEither<PondError, string>;
  /** Place at which its schedules fire. */
  readonly firings: FiringPlace;
  /** Tells whether the pond was last written at another place than this. Unknown counts as no. */
  readonly isElsewhere: () => TaskEither<PondError, boolean>;
}

type PlacePorts = Pick<StewardPorts, 'files' | 'hostFiles' | 'userState' | 'host' | 'ids'>;

export const pondPlace = (
  ports: PlacePorts,
  directory: string,
  tlog: Pick<TLog, 'head' | 'commitOf'>,
): PondPlace => {
  const path = `${directory}/control/place.json`;
  let known: { readonly incarnation: string | null } | null = null;

  const here = (): Omit<Place, 'incarnation'> | null => {
    const binding = bindingHere({ ...ports, files: ports.hostFiles }, directory);
    return isLeft(binding) ? null : { machine: binding.right.machine, inode: binding.right.inode };
  };
  const recorded = TE.fromIOEither(readControlFile(ports, path, PlaceCodec));
  const keep = (incarnation: string | null): TaskEither<PondError, void> => {
    const place = here();
    // Where it cannot be said where this is, it cannot be told later whether it is another place.
    return place === null
      ? TE.right(undefined)
      : TE.fromIOEither(writeControlFile(ports, path, { ...place, incarnation }));
  };
  const begin = (): TaskEither<PondError, string> =>
    steps(async ({ run }) => {
      const incarnation = ports.ids.uuidV7();
      await run(keep(incarnation));
      known = { incarnation };
      return incarnation;
    });
  const isAnother = (place: Place): boolean => {
    const now = here();
    return now !== null && (now.machine !== place.machine || now.inode !== place.inode);
  };

  const isElsewhere = (): TaskEither<PondError, boolean> =>
    TE.tryCatch(
      async () => {
        const place = await recorded();
        return !isLeft(place) && place.right !== null && isAnother(place.right);
      },
      (error): PondError => {
        throw error;
      },
    );
  const firings = firingPlace(ports, directory, isElsewhere);

  return {
    begin,
    isElsewhere,
    firings,
    incarnation: () =>
      steps(async ({ run }) => {
        if (known !== null) return known.incarnation;
        const place = await run(recorded);
        if (place !== null && isAnother(place)) {
          // Whose schedules fire stays to be told when this is the place of the last write.
          await run(firings.leaveAt(place));
          return run(begin());
        }
        if (place !== null) {
          known = { incarnation: place.incarnation };
          return place.incarnation;
        }
        // A pond from before there were places, or whose control directory was lost.
        const incarnation = await run(newestIncarnation(tlog));
        await run(keep(incarnation));
        known = { incarnation };
        return incarnation;
      }),
  };
};

const newestIncarnation = (tlog: Pick<TLog, 'head' | 'commitOf'>): TaskEither<PondError, string | null> =>
  steps(async ({ run }) => {
    const { txnSeq } = await run(tlog.head());
    if (txnSeq < 1) return null;
    const commit = await tlog.commitOf(txnSeq)();
    // What another engine has removed from the log no longer tells.
    return isLeft(commit) ? null : (commit.right.incarnation ?? null);
  });

/**
 * Place of a pond in a store: whoever comes to it is at the same one, and goes on with its incarnation. Its schedules fire wherever it is
 * served; the control table sees to it that each does so once.
 */
export const sharedPlace = (ports: PlacePorts, directory: string): PondPlace => ({
  incarnation: () => TE.right(null),
  begin: () => TE.left({ _tag: 'NotForSharedPonds', call: 'promote', reason: "it is nobody's copy" }),
  isElsewhere: () => TE.right(false),
  firings: { ...firingPlace(ports, directory, () => TE.right(false)), from: () => TE.right(0) },
});
