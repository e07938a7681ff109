/**
 * Why a commit's post-commit work is not run: somebody asked so, the write was made by a task of this very pond, or who
 * made it has not approved what would run.
 */
export type Suppression = 'no-post-commit' | 'inside-task' | 'not-trusted';
