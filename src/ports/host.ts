/** The process and the machine that it runs on. */
export interface Host {
  readonly pid: number;
  readonly hostName: string;
  readonly userName: string;
  readonly workingDirectory: string;
  /** The environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Whether a process of this machine is there. A reused pid counts as there. */
  readonly processIsAlive: (pid: number) => boolean;
}
