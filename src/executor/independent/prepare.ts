import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import { inPrepareSpan } from '../execution-telemetry.js';
import type { ExecutablePlan, Operation, OperationFailure, OperationThrew } from '../operation.js';
import { prepareInOrder } from '../prepare-in-order.js';
import type { Guarded } from './guarded.js';

/** Result of preparing one operation. */
export type Preparation<E, Prepared> = Either<E | OperationThrew, Prepared>;

/** Results of preparing a plan's operations, by id. Operations that an interrupt came before are not there. */
export type Preparations<E, Prepared> = ReadonlyMap<string, Preparation<E, Prepared>>;

/** Phase one. An operation that cannot be prepared fails when its turn comes; all the others go on. */
export const prepareAll =
  <Op extends Operation, Prepared, Started, E>(
    execution: Guarded<Op, Prepared, Started, E>,
    plan: ExecutablePlan<Op>,
    signal: AbortSignal,
  ): Task<Preparations<E, Prepared>> =>
  () => {
    const { clock, handler } = execution;
    const prepared = new Map<string, Preparation<E, Prepared>>();
    return inPrepareSpan(
      execution,
      plan,
      async (span) => {
        await prepareInOrder(clock, plan, signal, (operation) =>
          handler
            .prepare(operation, 0, span)()
            .then((preparation) => void prepared.set(operation.id, preparation)),
        );
        return prepared;
      },
      failuresOf,
    );
  };

const failuresOf = <E, Prepared>(prepared: Preparations<E, Prepared>): readonly OperationFailure<E>[] =>
  [...prepared].flatMap(([operation, preparation]) =>
    isLeft(preparation) ? [{ operation, error: preparation.left }] : [],
  );
