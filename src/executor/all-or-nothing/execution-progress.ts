import type { ExecutionReport } from '../execution-report.js';
import type { Operation, OperationFailure } from '../operation.js';
import type { BatchedPlan, Intent } from './capabilities.js';

/** Progress of executing a plan that is all or nothing. */
export interface Progress<Op extends Operation, Undo, E> {
  readonly plan: BatchedPlan<Op>;
  /** Number of those that took effect. */
  executed: number;
  /** Milliseconds by place in the plan, of those that were executed or failed; of all others there is no number. */
  readonly durations: Float64Array;
  readonly errors: OperationFailure<E>[];
  /** Operations that may have had effects, in the order in which it began. */
  readonly begun: Intent<Op, Undo>[];
}

/** An intent, and where its operation stands in the plan. */
export interface PlacedIntent<Op extends Operation, Undo> extends Intent<Op, Undo> {
  readonly place: number;
}

/** An execution that begins has come nowhere; these errors were found before. */
export const noProgress = <Op extends Operation, Undo, E>(
  plan: BatchedPlan<Op>,
  errors: readonly OperationFailure<E>[] = [],
): Progress<Op, Undo, E> => ({
  plan,
  executed: 0,
  durations: new Float64Array(plan.operations.length).fill(Number.NaN),
  errors: [...errors],
  begun: [],
});

/** Report of its operations until now, before any is undone. */
export const progressReport = <Op extends Operation, Undo, E>({
  plan: { operations },
  executed,
  durations,
  errors,
}: Progress<Op, Undo, E>): ExecutionReport<E> => {
  const failed = new Set(errors.map(({ operation }) => operation));
  const ids = operations.map(({ id }) => id);
  const hasRun = (place: number) => !Number.isNaN(durations[place]);
  const isWhole = failed.size === 0 && executed === ids.length;
  const those = (belongs: (id: string, place: number) => boolean) => (isWhole ? [] : ids.filter(belongs));
  return {
    executed: isWhole ? ids : those((id, place) => hasRun(place) && !failed.has(id)),
    failed: those((id) => failed.has(id)),
    skipped: those((id, place) => !hasRun(place) && !failed.has(id)),
    rolledBack: [],
    unfinished: [],
    errors,
    rollbackFailures: [],
    durations: durationsById(ids, durations),
  };
};

const durationsById = (ids: readonly string[], durations: Float64Array): Record<string, number> => {
  // An id may be any text: without a prototype no name in it means anything else.
  const byId: Record<string, number> = Object.create(null);
  ids.forEach((id, place) => {
    const duration = durations[place] ?? Number.NaN;
    if (!Number.isNaN(duration)) byId[id] = duration;
  });
  return byId;
};
