/** A process, one of its parents, or a parent's parent. */
export interface Ancestor {
  readonly pid: number;
  /** Its process group. */
  readonly group: number;
}

/** The process and the machine that it runs on. */
export interface Host {
  readonly pid: number;
  /** Time at which this process began, in microseconds since the epoch, by the clock as it is now. */
  readonly startedAt: () => number;
  readonly hostName: string;
  readonly userName: string;
  /** The numbers by which files are this user's and this user's own group's; null where the system has none. */
  readonly user: { readonly id: number; readonly group: number } | null;
  readonly workingDirectory: string;
  /** The environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Tells whether a process of this machine is there. A reused pid counts as there. */
  readonly processIsAlive: (pid: number) => boolean;
  /** The boot of this machine; null where the system does not tell. */
  readonly bootId: () => string | null;
  /** The namespace in which pids are counted; null where the system does not tell. */
  readonly pidNamespace: () => string | null;
  /** This process and its parents, itself first, as they are now. */
  readonly ancestry: () => readonly Ancestor[];
}
