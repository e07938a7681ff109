import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Journal } from '../../executor/independent/capabilities.js';
import type { PondError } from '../errors.js';
import type { RunTask, StartedAttempt } from './run-task.js';

type TaskJournal = Journal<RunTask, StartedAttempt, PondError>;

/** The same journal, which tells of each task that has started and is over, once it has recorded how, or could not. */
export const tellingOver = (journal: TaskJournal, over: (task: RunTask) => void): TaskJournal => {
  const thenOver =
    <A>(task: RunTask, record: TaskEither<PondError, A>): TaskEither<PondError, A> =>
    () =>
      record().finally(() => over(task));
  return {
    ...journal,
    finish: (task, started, end, span) => {
      const record = journal.finish(task, started, end, span);
      return end.next === 'retry' ? record : thenOver(task, record);
    },
    abandon: (task) => thenOver(task, journal.abandon(task)),
  };
};
