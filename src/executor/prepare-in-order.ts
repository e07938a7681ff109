import type { Eventually } from '../effects/eventually.js';
import type { Clock } from '../ports/clock.js';
import type { ExecutablePlan, Operation } from './operation.js';
import { pacing } from './pacing.js';

/**
 * Phase one of both executors: each operation is prepared in turn. It goes on past what fails, so that everything that
 * is wrong is found, and stops when the signal aborts.
 */
export const prepareInOrder = async <Op extends Operation>(
  clock: Pick<Clock, 'giveWay'>,
  { operations }: ExecutablePlan<Op>,
  signal: AbortSignal,
  prepare: (operation: Op) => Eventually<void>,
): Promise<void> => {
  const pace = pacing(clock);
  for (const operation of operations) {
    if (signal.aborted) return;
    const preparing = prepare(operation);
    if (preparing instanceof Promise) await preparing;
    const pause = pace();
    if (pause !== null) await pause;
  }
};
