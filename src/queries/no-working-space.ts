import { errnoInWords } from '../domain/errno-in-words.js';
import type { NoWorkingSpace } from '../ports/working-spaces.js';

/** The error as one sentence without a full stop. */
export const describeNoWorkingSpace = (error: NoWorkingSpace): string =>
  error.code === 'ENOTSUP'
    ? 'a pond in memory has no directory for the files of the query engine: SQL and the factory validate need a pond on disk'
    : `${error.path}: no directory for temporary files can be made: ${errnoInWords(error.code)}`;
