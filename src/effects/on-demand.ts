import type * as TE from 'fp-ts/lib/TaskEither.js';
import { once } from './once.js';

/**
 * Work whose module is loaded when the work is first done. Most runs of the executable read and end: loading what
 * writes, plans and runs tasks would take them longer than their reading does. Node is asked for it once: its loader
 * takes longer to find what it has loaded than a small commit takes for a file.
 *
 * @example
 * const acting = onDemand(() => import('../steward/acting-modules.js'));
 * const outcome = acting(({ writeTransaction }) => writeTransaction(pond)(body));
 */
export const onDemand = <Module>(
  load: () => Promise<Module>,
): (<E, A>(use: (module: Module) => TE.TaskEither<E, A>) => TE.TaskEither<E, A>) => {
  const module = once(load);
  return (use) => async () => use(await module())();
};
