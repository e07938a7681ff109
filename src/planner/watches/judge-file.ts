/** Facts that are remembered of a file of a watched folder. */
export interface KnownFile {
  readonly size: number;
  readonly modifiedAt: number;
  readonly outcome: 'taken' | 'unchanged' | 'refused';
  /** True: nothing was left to be done with it on the host. */
  readonly isSettled: boolean;
  /** Path to which it was moved; null: it was not. */
  readonly aside: string | null;
}

/** Choice of what is done with files afterwards. */
export interface Afterwards {
  /** True: what was taken in stays in the folder. */
  readonly keeps: boolean;
  /** True: there is a place for what is refused. */
  readonly putsAside: boolean;
}

/**
 * Tells what a file that has settled is to a watch.
 *
 *   `arrival`: it is to be taken in: it is new, or another one than before, or it came again after it had been moved or deleted
 *   `known`: it was dealt with, and stays where it is
 *   `unfinished`: it was dealt with, and what was to be done with it on the host was not: a process that died, or a place that could not be written
 */
export const judgeFile = (
  file: { readonly size: number; readonly modifiedAt: number },
  known: KnownFile | null,
  { keeps, putsAside }: Afterwards,
): 'arrival' | 'known' | 'unfinished' => {
  if (known === null || known.size !== file.size || known.modifiedAt !== file.modifiedAt) return 'arrival';
  if (known.outcome === 'refused') {
    if (!known.isSettled && putsAside) return 'unfinished';
    return known.aside === null ? 'known' : 'arrival';
  }
  if (keeps) return 'known';
  return known.isSettled ? 'arrival' : 'unfinished';
};
