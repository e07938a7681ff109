import { onDemand } from '../effects/on-demand.js';

/** Functions that make ponds, change them, plan, and run tasks. */
export const acting = onDemand(() => import('./acting-modules.js'));
