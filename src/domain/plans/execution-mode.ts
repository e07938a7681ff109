/**
 * Mode in which an executable factory runs: inside a write transaction, where it may write and an error rolls the
 * transaction back, or after a commit, in a read transaction at that commit, where an error never touches the data.
 */
export type ExecutionMode = 'InTransactionWriter' | 'PostCommitReader';

/** Meaning of a mode, in words and for code. */
export interface ExecutionModeFacts {
  /** Half a sentence for people. */
  readonly description: string;
  /** Tells whether the factory may write to the pond. */
  readonly isWriter: boolean;
  /** Tells whether it runs after the commit, and so cannot stop it. */
  readonly isPostCommit: boolean;
}

/**
 * Facts about each execution mode.
 *
 * @example
 * const words = EXECUTION_MODES.PostCommitReader.description;
 */
export const EXECUTION_MODES = {
  InTransactionWriter: {
    description: 'inside a write transaction: it may write, and its error rolls the transaction back',
    isWriter: true,
    isPostCommit: false,
  },
  PostCommitReader: {
    description:
      'after a commit, in the snapshot of it: it cannot write, and its error never touches the data',
    isWriter: false,
    isPostCommit: true,
  },
} as const satisfies Readonly<Record<ExecutionMode, ExecutionModeFacts>>;

/** Tells whether commits run a factory (`push`) or only somebody's hand does (`pull`). */
export type FactoryMode = 'push' | 'pull';
