/**
 * How an executable factory may run: inside a write transaction, where it may write and an error rolls the
 * transaction back, or after a commit, in a read transaction at that commit, where an error never touches the data.
 */
export type ExecutionMode = 'InTransactionWriter' | 'PostCommitReader';

/** Whether commits run a factory (`push`) or only somebody's hand does (`pull`). */
export type FactoryMode = 'push' | 'pull';
