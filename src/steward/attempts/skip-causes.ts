import type { BlockedBy, RunTask } from './run-task.js';

/** Says why a task is skipped: by which dependency, and what became of that one. */
export interface SkipCauses {
  /** Cause: a task of the same execution. */
  readonly inside: (task: RunTask, because: string) => string;
  /** Cause: a task that this execution does not run. */
  readonly outside: (task: RunTask, because: BlockedBy) => string;
}

/** Remembers who was skipped because of whom, so that the end of a long chain names its beginning. */
export const skipCauses = (tasks: readonly RunTask[]): SkipCauses => {
  const pathOf = new Map(tasks.map(({ id, claim }) => [id, claim.configPath]));
  /** The first cause for which each task was skipped. */
  const causeOf = new Map<string, string>();
  return {
    inside: (task, because) => {
      const shown = `${pathOf.get(because) ?? ''} (${because})`;
      const first = causeOf.get(because);
      causeOf.set(task.id, first ?? `${shown} failed`);
      return first === undefined ? `${shown}, which failed` : `${shown}, which was skipped because ${first}`;
    },
    outside: (task, { task: because, path, state, wasRejected }) => {
      const fate = state === 'skipped' ? 'was skipped' : wasRejected ? 'was rejected' : 'failed';
      causeOf.set(task.id, `${path} (${because}) ${fate}`);
      return `${path} (${because}), which ${fate}`;
    },
  };
};
