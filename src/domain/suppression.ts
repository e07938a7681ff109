/** Why a commit's post-commit work is not run: somebody asked so, or the write was made by a task of this very pond. */
export type Suppression = 'no-post-commit' | 'inside-task';
