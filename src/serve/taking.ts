/** Tasks that a worker takes. */
export interface Taking {
  /** Tasks side by side, at most. */
  readonly concurrency: number;
  /** Queues that it takes tasks of; `any` is that of tasks that say none. */
  readonly queues: readonly string[];
  /** True: it ends when there is nothing more that it will be able to take, and waits for what others run before that. */
  readonly drain: boolean;
  /** Hears that its first tasks of a pond begin. */
  readonly onFirst?: () => void;
}

/** Tasks side by side where nobody says how many. */
export const DEFAULT_CONCURRENCY = 4;
