import type { ExecutablePlan, Operation, OperationError } from './operation.js';
import type { Outcome } from './run-in-order.js';

/** What became of a plan's operations, by id. Every operation is in exactly one of the first five lists. */
export interface ExecutionReport<E> {
  readonly executed: readonly string[];
  readonly failed: readonly string[];
  /** Not run because one that they require did not succeed. */
  readonly skipped: readonly string[];
  /** Executed and then undone. */
  readonly rolledBack: readonly string[];
  /** Interrupted, never started, or left to another process: recovery's work. */
  readonly unfinished: readonly string[];
  readonly errors: readonly { readonly operation: string; readonly error: OperationError<E> }[];
  /** What could not be undone; an empty `operation`: of the plan as a whole. */
  readonly rollbackFailures: readonly { readonly operation: string; readonly error: OperationError<E> }[];
  /** Milliseconds, of those that were executed or failed. */
  readonly durations: Readonly<Record<string, number>>;
}

/** Whether everything was executed. */
export const succeeded = (report: ExecutionReport<unknown>): boolean =>
  report.failed.length + report.skipped.length + report.unfinished.length + report.rolledBack.length === 0;

/** Whether some of it took effect and stayed, and some of it failed. */
export const partiallyFailed = (report: ExecutionReport<unknown>): boolean =>
  report.executed.length > 0 && report.failed.length > 0;

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
