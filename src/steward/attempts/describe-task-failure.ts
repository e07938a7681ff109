import { printDuration } from '../../domain/duration.js';
import type { OperationError } from '../../executor/operation.js';
import { factoryProblem } from '../../factories/describe-factory-error.js';
import { describeError } from '../describe-error.js';
import { describeRejection } from '../describe-plan.js';
import type { PondError } from '../errors.js';

/** Describes why a task's attempt failed, as it is recorded: beside its path and its factory, which are not said again. */
export const describeTaskFailure = (error: OperationError<PondError>): string => {
  switch (error._tag) {
    case 'TimedOut':
      return `timed out after ${printDuration(error.timeoutMs)}`;
    case 'Cancelled':
      return 'cancelled';
    case 'OperationThrew':
      return `threw: ${error.message}`;
    case 'EntryRejected':
      return describeRejection(error);
    case 'UnknownFactory':
    case 'ModeNotSupported':
    case 'InvalidYaml':
    case 'InvalidConfig':
    case 'VariableNotSet':
    case 'FactoryFailed':
      return factoryProblem(error);
    default:
      return describeError(error);
  }
};
