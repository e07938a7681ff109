import type { QueryFailed } from '../../../ports/query-engine.js';
import type { NoWorkingSpace } from '../../../ports/working-spaces.js';
import { describeNotATable, type NotATable } from '../../../queries/content-format.js';
import { describeNoWorkingSpace } from '../../../queries/no-working-space.js';
import { describeTinyFsError } from '../../../tinyfs/describe-tinyfs-error.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';

/** Reason why a file could not be checked at all. */
export type CheckProblem =
  | TinyFsError
  | NotATable
  | NoWorkingSpace
  | QueryFailed
  | { readonly _tag: 'InvalidContract'; readonly path: string; readonly problem: string }
  | { readonly _tag: 'NothingToCheck' };

export const describeCheckProblem = (error: CheckProblem): string => {
  switch (error._tag) {
    case 'NotATable':
      return describeNotATable(error);
    case 'QueryFailed':
      return error.message;
    case 'InvalidContract':
      return `${error.path}: ${error.problem}`;
    case 'NothingToCheck':
      return 'there is nothing to check: name files, pond run ENTRY FILE..., or say files: in the configuration';
    case 'NoWorkingSpace':
      return describeNoWorkingSpace(error);
    default:
      return describeTinyFsError(error);
  }
};
