import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { Incomplete } from '../steward.js';

/** What is unfinished or failed in a pond. Reads only. */
export const findIncomplete = ({ control }: Pond): TE.TaskEither<PondError, Incomplete> =>
  pipe(
    TE.Do,
    TE.bind('transactions', () => control.findIncompleteTransactions()),
    TE.bind('tasks', () => control.findIncompletePostCommitTasks()),
    TE.bind('failedTasks', () => control.findFailedTasks()),
  );
