import { onDemand } from '../effects/on-demand.js';

/** Functions that make and change ponds, of which everyday commands need no others. */
export const changing = onDemand(() => import('./changing-modules.js'));

/** Functions that say how a pond is. */
export const looking = onDemand(() => import('./looking-modules.js'));

/** Functions that plan, repair, compare and send: everything else that a reader does not need. */
export const acting = onDemand(() => import('./acting-modules.js'));
