/**
 * Reason why a commit's post-commit work is not run: somebody asked so, the write was made by a task of this very pond (as version
 * 0.1.0 had it), who made it has not approved what would run, or as many commits as may be have the same cause.
 */
export type Suppression = 'no-post-commit' | 'inside-task' | 'not-trusted' | 'too-many-derived';
