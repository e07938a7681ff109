import type { FileSystemError } from '../../../ports/file-system.js';
import type { QueryFailed } from '../../../ports/query-engine.js';
import type { NoWorkingSpace } from '../../../ports/working-spaces.js';
import { describeNotATable, type NotATable } from '../../../queries/content-format.js';
import { describeNoWorkingSpace } from '../../../queries/no-working-space.js';
import { describeTinyFsError } from '../../../tinyfs/describe-tinyfs-error.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import { persistenceErrorOf } from '../../../tinyfs/persistence.js';

/** Reason why the content of a derived node could not be made. */
export type DerivedProblem =
  | TinyFsError
  | NotATable
  | NoWorkingSpace
  | QueryFailed
  | FileSystemError
  /** Nothing matches the pattern that it is to be made of. */
  | { readonly _tag: 'NothingToRead'; readonly path: string }
  /** What is wrong with the data, in words, with what can be done about it. */
  | { readonly _tag: 'NotDerivable'; readonly message: string };

/** A derived node, for errors. */
export interface DerivedNode {
  readonly path: string;
  readonly factory: string;
}

/**
 * The problem as an error of the filesystem. What is damaged, not trusted, in a circle, or an error of another node
 * already stays what it is; the rest is this node's failure, in words.
 */
export const asTinyFsError = ({ path, factory }: DerivedNode, problem: DerivedProblem): TinyFsError => {
  const failed = (message: string) => ({ _tag: 'DynamicNodeFailed', path, factory, message }) as const;
  switch (problem._tag) {
    case 'NothingToRead':
      return { ...failed(`there is nothing to read at ${problem.path}`), lacksSource: true };
    case 'PathNotFound':
      return { ...failed(describeTinyFsError(problem)), lacksSource: true };
    case 'NotDerivable':
    case 'QueryFailed':
      return failed(problem.message);
    case 'NotATable':
      return failed(describeNotATable(problem));
    case 'FileSystemError':
      return persistenceErrorOf(problem);
    case 'CorruptData':
    case 'UnsupportedData':
    case 'ContentForgotten':
    case 'StorageFailed':
    case 'UnsafeFile':
    case 'NotTrusted':
    case 'CyclicContent':
    case 'UnknownFactory':
    case 'DynamicNodeFailed':
      return problem;
    case 'NoWorkingSpace':
      return failed(describeNoWorkingSpace(problem));
    default:
      return failed(describeTinyFsError(problem));
  }
};
