import type { Json } from '../domain/documents/json.js';
import { printDuration } from '../domain/duration.js';
import type { OperationError } from '../executor/operation.js';
import { describeMadeElsewhere } from '../host-plans/journal/journal-seal.js';
import { describeHostError, type HostOperationError } from '../host-plans/steps/host-error.js';
import type { RecoveredHostPlan } from '../steward/shapes/upkeep.js';

/** An error of an operation of a host plan as a sentence. */
export const describeOperationError = (
  error: OperationError<HostOperationError> | RecoveredHostPlan['failures'][number]['error'],
): string => {
  switch (error._tag) {
    case 'OperationThrew':
      return `internal error: ${error.message}`;
    case 'TimedOut':
      return `timed out after ${printDuration(error.timeoutMs)}`;
    case 'Cancelled':
      return 'cancelled';
    case 'MadeElsewhere':
      return describeMadeElsewhere(error);
    case 'UnreadableJournal':
      return `the checkpoint cannot be read (line ${error.line}: ${error.problem}); nothing was touched`;
    default:
      return describeHostError(error);
  }
};

/** A host plan that had not ended, and its end, in JSON. */
export const recoveredDocument = ({
  id,
  outcome,
  rolledBack,
  failures,
  effects = [],
}: RecoveredHostPlan): Json => ({
  id,
  outcome,
  rolled_back: rolledBack,
  ...(effects.length === 0 ? {} : { effects: effects.map(({ effect, path }) => ({ effect, path })) }),
  errors: failures.map(({ operation, error }) => ({
    operation,
    tag: error._tag,
    message: describeOperationError(error),
  })),
});
