import type { OperationError } from '../../executor/operation.js';
import type { HostOperationError } from './host-error.js';

/** Whatever a host operation failed with, as one sentence without a full stop. */
export const describeHostFailure = (error: OperationError<HostOperationError>): string => {
  switch (error._tag) {
    case 'OperationThrew':
      return error.message;
    case 'TimedOut':
      return 'timed out';
    default:
      return describeHostError(error);
  }
};

/** A host operation's error as one sentence for people, without a full stop. */
export const describeHostError = (error: HostOperationError): string => {
  switch (error._tag) {
    case 'SourceNotFound':
      return `${error.path}: there is nothing to read at that path`;
    case 'TargetNotFound':
      return `${error.path}: there is nothing to remove at that path`;
    case 'ParentNotFound':
      return `${error.path}: the directory ${error.parent} is not there, and nothing in the plan makes it`;
    case 'ParentNotADirectory':
      return `${error.path}: ${error.parent} is not a directory`;
    case 'SymlinkInPath':
      return `${error.path}: ${error.link} is a symlink, and nothing is done through symlinks; name the real path`;
    case 'TargetOccupied':
      return error.found === 'other'
        ? `${error.path}: something is there already`
        : `${error.path}: a ${error.found} is there already`;
    case 'WrongKind':
      return `${error.path} is a ${KINDS[error.found]}, not a ${error.expected}`;
    case 'DirectoryNotEmpty':
      return `${error.path}: the directory is not empty`;
    case 'PermissionDenied':
      return `${error.path}: permission denied`;
    case 'NoPlaceToPreserve':
      return `${error.path}: there is no directory on its device that the plan leaves alone, so what is there cannot be kept for undoing`;
    case 'Intruded':
      return `${error.path}: somebody else has put something there, which is left alone${
        error.preserved === null ? '' : `; what was there before is kept as ${error.preserved}`
      }`;
    case 'HostCallFailed':
      return `${error.path}: ${error.call} failed: ${error.code}`;
    case 'Stopped':
      return 'stopped before it was done';
    case 'CheckpointFailed':
      return `the checkpoint ${error.path} cannot be used: ${error.problem}`;
  }
};

const KINDS = { file: 'file', directory: 'directory', symlink: 'symlink', other: 'special file' } as const;
