import { printDuration } from '../../domain/duration.js';
import type { OperationError } from '../../executor/operation.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';

/** Why a task's attempt failed, as it is recorded. */
export const describeTaskFailure = (error: OperationError<PondError>): string => {
  switch (error._tag) {
    case 'TimedOut':
      return `timed out after ${printDuration(error.timeoutMs)}`;
    case 'OperationThrew':
      return `threw: ${error.message}`;
    default:
      return describeError(error);
  }
};
