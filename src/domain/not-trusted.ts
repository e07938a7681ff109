/** One thing that a pond would do on the host of whoever uses it. */
export interface WouldRun {
  /** Path in the pond where it is said. */
  readonly path: string;
  /** Null: no one factory's. */
  readonly factory: string | null;
  /** Words for each thing: `runs sh -c "make report"`, `writes below /srv/site`, `reads the variable TOKEN`. */
  readonly does: readonly string[];
}

/**
 * This user has not approved what the pond would run, or its configuration, or a node of it, for this machine. Nothing
 * was run, and nothing changed.
 */
export interface NotTrusted {
  readonly _tag: 'NotTrusted';
  /** The pond's directory. */
  readonly directory: string;
  /** Kind of what is not approved: the configuration under `/etc`, the files beside `data` and `control`, one node, where a replica comes from, or the control database that a shared pond names. */
  readonly what: 'configuration' | 'files' | 'node' | 'remote' | 'control';
  /** The transaction whose configuration it is, the node's path, the remote's address, or that of the control database. */
  readonly of: number | string;
  readonly wouldRun: readonly WouldRun[];
  /** Reason why it cannot be found out, or not be approved; null where it only is not approved. */
  readonly problem: string | null;
}
