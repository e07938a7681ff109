import type { ExecutionReport } from '../execution-report.js';
import type { ExecutablePlan, Operation, OperationError } from '../operation.js';

/** Outcome of one operation. */
export type Outcome<E> =
  | { readonly _tag: 'Executed'; readonly durationMs: number }
  | { readonly _tag: 'Failed'; readonly error: OperationError<E>; readonly durationMs: number }
  /** It had ended before this execution. */
  | { readonly _tag: 'AlreadyExecuted' }
  | { readonly _tag: 'AlreadyFailed' }
  /** `satisfies`: what requires it may follow all the same. */
  | { readonly _tag: 'Skipped'; readonly satisfies: boolean }
  /** `error`: why, where something went wrong. */
  | { readonly _tag: 'Unfinished'; readonly error: OperationError<E> | null };

/** The report of a plan whose operations have had these outcomes. */
export const reportOf = <Op extends Operation, E>(
  plan: ExecutablePlan<Op>,
  outcomes: ReadonlyMap<string, Outcome<E>>,
): ExecutionReport<E> => {
  const ids = plan.operations.map(({ id }) => id);
  const those = (...tags: readonly Outcome<E>['_tag'][]) =>
    ids.filter((id) => tags.includes(outcomes.get(id)?._tag ?? 'Unfinished'));
  const errors = ids.flatMap((operation) => {
    const outcome = outcomes.get(operation);
    const error = outcome?._tag === 'Failed' || outcome?._tag === 'Unfinished' ? outcome.error : null;
    return error === null ? [] : [{ operation, error }];
  });
  const durations = ids.flatMap((id): readonly [string, number][] => {
    const outcome = outcomes.get(id);
    return outcome?._tag === 'Executed' || outcome?._tag === 'Failed' ? [[id, outcome.durationMs]] : [];
  });
  return {
    executed: those('Executed', 'AlreadyExecuted'),
    failed: those('Failed', 'AlreadyFailed'),
    skipped: those('Skipped'),
    rolledBack: [],
    unfinished: those('Unfinished'),
    errors,
    rollbackFailures: [],
    durations: Object.fromEntries(durations),
  };
};
