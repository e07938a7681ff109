import type { Span } from '../../ports/telemetry.js';
import type { ExecutionReport } from '../execution-report.js';
import type { Operation, OperationError } from '../operation.js';
import type { BatchedPlan, Intent } from './undoable.js';

/** How far the execution of a plan that is all or nothing has come. */
export interface Progress<Op extends Operation, Undo, E> {
  /** The execution's. */
  readonly span: Span;
  /** How many took effect. */
  executed: number;
  /** Milliseconds by place in the plan, of those that were executed or failed; of all others there is no number. */
  readonly durations: Float64Array;
  readonly errors: { readonly operation: string; readonly error: OperationError<E> }[];
  /** What may have had effects, in the order in which it began. */
  readonly begun: Intent<Op, Undo>[];
}

/** An intent, and where its operation stands in the plan. */
export interface PlacedIntent<Op extends Operation, Undo> extends Intent<Op, Undo> {
  readonly place: number;
}

/** Of an execution that begins. */
export const noProgress = <Op extends Operation, Undo, E>(
  { operations }: BatchedPlan<Op>,
  span: Span,
): Progress<Op, Undo, E> => ({
  span,
  executed: 0,
  durations: new Float64Array(operations.length).fill(Number.NaN),
  errors: [],
  begun: [],
});

/** What became of its operations, those included that were undone. */
export const progressReport = <Op extends Operation, Undo, E>(
  { operations }: BatchedPlan<Op>,
  { executed, durations, errors }: Progress<Op, Undo, E>,
  rolledBack: ReadonlySet<string> = new Set(),
): ExecutionReport<E> => {
  const failed = new Set(errors.map(({ operation }) => operation));
  const ids = operations.map(({ id }) => id);
  const hasRun = (place: number) => !Number.isNaN(durations[place]);
  const tookEffect = (id: string, place: number) => hasRun(place) && !failed.has(id);
  const isWhole = failed.size === 0 && rolledBack.size === 0 && executed === ids.length;
  const those = (belongs: (id: string, place: number) => boolean) => (isWhole ? [] : ids.filter(belongs));
  return {
    executed: isWhole ? ids : those((id, place) => tookEffect(id, place) && !rolledBack.has(id)),
    failed: those((id) => failed.has(id)),
    skipped: those((id, place) => !hasRun(place) && !failed.has(id)),
    rolledBack: those((id, place) => tookEffect(id, place) && rolledBack.has(id)),
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
