import { onDemand } from '../effects/on-demand.js';

/** What makes ponds, changes them, plans, and runs tasks. */
export const acting = onDemand(() => import('./acting-modules.js'));
