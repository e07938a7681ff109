import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { inPrepareSpan } from '../execution-telemetry.js';
import type { Operation, OperationFailure } from '../operation.js';
import { prepareInOrder } from '../prepare-in-order.js';
import type { BatchedPlan } from './capabilities.js';
import { noProgress, progressReport } from './execution-progress.js';
import type { Guarded } from './guarded.js';
import type { ExecutionInterrupted, PreparedPlan, PrepareFailed } from './outcome.js';

/** Looks whether every operation can be executed, given what those before will do. */
export const prepareAll =
  <Op extends Operation, Undo, E>(
    execution: Guarded<Op, Undo, E>,
    plan: BatchedPlan<Op>,
    signal: AbortSignal,
  ): TaskEither<PrepareFailed<E> | ExecutionInterrupted<E>, PreparedPlan<Op>> =>
  async () => {
    const errors = await inPrepareSpan(
      execution,
      plan,
      () => findErrors(execution, plan, signal),
      (found) => found,
    );
    const [cause] = errors;
    const report = () => progressReport(noProgress(plan, errors));
    if (signal.aborted)
      return left({ _tag: 'Interrupted', phase: 'prepare', checkpoint: null, report: report() });
    return cause === undefined
      ? right({ _tag: 'PreparedPlan', plan })
      : left({ _tag: 'PrepareFailed', cause, report: report() });
  };

const findErrors = async <Op extends Operation, Undo, E>(
  { clock, handler }: Guarded<Op, Undo, E>,
  plan: BatchedPlan<Op>,
  signal: AbortSignal,
): Promise<readonly OperationFailure<E>[]> => {
  const errors: OperationFailure<E>[] = [];
  await prepareInOrder(clock, plan, signal, (operation) => {
    const prepared = handler.prepare(operation);
    if (isLeft(prepared)) errors.push({ operation: operation.id, error: prepared.left });
  });
  return errors;
};
