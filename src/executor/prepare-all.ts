import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { answerOf } from './answer-of.js';
import type { ExecutorCapabilities } from './capabilities.js';
import type { ExecutablePlan, Operation, OperationThrew } from './operation.js';

/** What came of preparing one operation. */
export type Preparation<E, Prepared> = Either<E | OperationThrew, Prepared>;

/** Phase one. An operation that cannot be prepared fails when its turn comes; all the others go on. */
export const prepareAll = async <Op extends Operation, Prepared, Started, E>(
  { handler, logger }: ExecutorCapabilities<Op, Prepared, Started, E>,
  plan: ExecutablePlan<Op>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Preparation<E, Prepared>>> => {
  logger.log('debug', 'preparing_plan', { operation_count: plan.operations.length });
  const prepared = new Map<string, Preparation<E, Prepared>>();
  for (const operation of plan.operations) {
    if (signal.aborted) break;
    prepared.set(operation.id, await answerOf(() => handler.prepare(operation, 0))());
  }
  const failed = [...prepared.values()].filter(isLeft).length;
  logger.log('debug', failed === 0 ? 'prepare_complete' : 'prepare_failed', { failed });
  return prepared;
};
