/**
 * Notices that files of a directory change, whoever changes them. It is a help and no more: where the system does not tell,
 * or forgets to, nothing is noticed, so whoever relies on a change looks by itself now and then.
 */
export interface DirectoryWatch {
  /** Calls `changed` after each change of a file in the directory, with its name where the system says it; returns what ends that. */
  readonly watch: (directory: string, changed: (name: string | null) => void) => () => void;
}

/** Notices nothing. */
export const NO_DIRECTORY_WATCH: DirectoryWatch = { watch: () => () => undefined };
