import type { IO } from 'fp-ts/lib/IO.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** No directory for temporary files could be made. */
export interface NoWorkingSpace {
  readonly _tag: 'NoWorkingSpace';
  readonly path: string;
  /** The errno name. */
  readonly code: string;
}

/**
 * Private directories for temporary files. Each belongs to a lock that its process holds as long as it lives, so that
 * what a killed process left is known for that and can be removed by anybody.
 */
export interface WorkingSpaces {
  /**
   * Gives `use` an empty private directory in `root`, which is made where it is missing; where that may not be written,
   * among the system's temporary files. It is removed with all that is in it when `use` has ended.
   */
  readonly use: <E, A>(
    root: string,
    use: (directory: string) => TaskEither<E, A>,
  ) => TaskEither<NoWorkingSpace | E, A>;
  /** Removes from `root` what killed processes left; returns how many directories those were. */
  readonly sweep: (root: string) => IO<number>;
}
