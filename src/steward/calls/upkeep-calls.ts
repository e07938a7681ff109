import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { onDemand } from '../../effects/on-demand.js';
import { acting } from '../acting.js';
import type { Steward } from '../steward.js';
import type { OpenedPond } from './opened-pond.js';
import { withPlacesOfTasks } from './task-calls.js';

/** Functions for ponds in stores, loaded when they are wanted. */
const sharing = onDemand(() => import('../shared-ponds.js'));

/** Calls that check the pond, repair it and tidy it up. */
export const upkeepCalls = ({
  pond,
  takingOverAfter,
}: OpenedPond): Pick<Steward, 'fsck' | 'recover' | 'maintain'> => ({
  fsck: (options = {}) => {
    const { shared } = pond;
    return shared === null
      ? acting(({ fsck }) => fsck(pond.ports, pond.directory, options))
      : sharing(({ fsckOpenShared }) => fsckOpenShared(pond, shared, options));
  },
  recover: (options = {}) =>
    pipe(
      acting(({ recover }) => recover(pond, options)),
      TE.flatMap((report) => withPlacesOfTasks(pond, report)),
      takingOverAfter(options.signal),
    ),
  maintain: (options = {}) => acting(({ maintain }) => maintain(pond, options)),
});
