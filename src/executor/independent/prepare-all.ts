import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { TraceContext } from '../../ports/telemetry.js';
import { answerOf } from '../answer-of.js';
import { telemetryOf } from '../execution-telemetry.js';
import type { ExecutablePlan, Operation, OperationThrew } from '../operation.js';
import { preparing } from '../preparing.js';
import type { ExecutorCapabilities } from './capabilities.js';

/** What came of preparing one operation. */
export type Preparation<E, Prepared> = Either<E | OperationThrew, Prepared>;

/** Phase one. An operation that cannot be prepared fails when its turn comes; all the others go on. */
export const prepareAll = async <Op extends Operation, Prepared, Started, E>(
  capabilities: ExecutorCapabilities<Op, Prepared, Started, E>,
  plan: ExecutablePlan<Op>,
  signal: AbortSignal,
  parent: TraceContext,
): Promise<ReadonlyMap<string, Preparation<E, Prepared>>> => {
  const prepared = new Map<string, Preparation<E, Prepared>>();
  await preparing(
    { ...telemetryOf(capabilities), clock: capabilities.clock, logger: capabilities.logger, parent },
    plan,
    signal,
    async (operation, span) => {
      const answer = await answerOf(() => capabilities.handler.prepare(operation, 0, span))();
      prepared.set(operation.id, answer);
      return isLeft(answer) ? answer.left : null;
    },
  );
  return prepared;
};
