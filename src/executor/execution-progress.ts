import type { Span } from '../ports/telemetry.js';
import type { ExecutionReport } from './execution-report.js';
import type { Operation, OperationError } from './operation.js';
import type { BatchedPlan, Intent } from './undoable.js';

/** How far the execution of a plan that is all or nothing has come. */
export interface Progress<Op extends Operation, Undo, E> {
  /** The execution's. */
  readonly span: Span;
  readonly executed: Set<string>;
  readonly errors: { readonly operation: string; readonly error: OperationError<E> }[];
  readonly durations: Map<string, number>;
  /** What may have had effects, in the order in which it began. */
  readonly begun: Intent<Op, Undo>[];
}

/** What became of its operations, those included that were undone. */
export const progressReport = <Op extends Operation, Undo, E>(
  { operations }: BatchedPlan<Op>,
  { executed, errors, durations }: Progress<Op, Undo, E>,
  rolledBack: ReadonlySet<string> = new Set(),
): ExecutionReport<E> => {
  const failed = new Set(errors.map(({ operation }) => operation));
  const ids = operations.map(({ id }) => id);
  const isWhole = failed.size === 0 && rolledBack.size === 0 && executed.size === ids.length;
  const those = (belongs: (id: string) => boolean) => (isWhole ? [] : ids.filter(belongs));
  return {
    executed: isWhole ? ids : those((id) => executed.has(id) && !rolledBack.has(id)),
    failed: those((id) => failed.has(id)),
    skipped: those((id) => !executed.has(id) && !failed.has(id)),
    rolledBack: those((id) => executed.has(id) && rolledBack.has(id)),
    unfinished: [],
    errors,
    rollbackFailures: [],
    durations: Object.fromEntries(durations),
  };
};
