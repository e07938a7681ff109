import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Torn } from '../domain/secrets/torn-text.js';

/** The program could not be started at all. */
export interface SpawnFailed {
  readonly _tag: 'SpawnFailed';
  readonly program: string;
  /** The errno name, or the shell's word for it. */
  readonly reason: string;
}

/** Facts by which a child's process group is found again, also from another process, also when its leader has ended. */
export interface ProcessGroup {
  /** Process group id: the pid of its leader. */
  readonly pgid: number;
  /** A value that only the members of this group carry in their environment (as `POND_ATTEMPT_ID`). */
  readonly marker: string;
}

export interface ChildSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the child; the marker is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes for the child's standard input, which is then closed. */
  readonly stdin: Uint8Array;
  /** Marks the members of the child's process group; see {@link ProcessGroup}. */
  readonly marker: string;
  /** Takes every line that the child prints, without its line end. Long lines come in pieces, which may be torn. */
  readonly onLine: (stream: 'stdout' | 'stderr', line: string, torn: Torn) => void;
  /** Ends the whole group at its abort: SIGTERM, then SIGKILL after the grace period. */
  readonly signal: AbortSignal;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

export type ChildExit =
  | { readonly _tag: 'Exited'; readonly code: number }
  | { readonly _tag: 'Killed'; readonly signal: string };

/** A living process of a group. */
export interface GroupProcess {
  readonly pid: number;
  /** Its command line; empty where the system does not tell. */
  readonly command: string;
}

/** Child processes, each in a process group of its own. */
export interface Processes {
  /**
   * Runs a child to its end. The child does nothing before `beforeStart` has succeeded with its group: what it
   * records there is durable before the child's first instruction; where it fails, or this process dies, the
   * child ends without having run. Returns when the child has ended and its output is read; what it left running
   * in its group in the background is ended then, too.
   */
  readonly run: <E>(
    spec: ChildSpec,
    beforeStart: (group: ProcessGroup) => TaskEither<E, void>,
  ) => TaskEither<E | SpawnFailed, ChildExit>;
  /** The living processes of a group; none where its id belongs to others by now. Harms nothing. */
  readonly findGroup: (group: ProcessGroup) => TaskEither<SpawnFailed, readonly GroupProcess[]>;
  /** Ends what is left of a group, politely first; returns whether anything was. A pid that was reused by others is left alone. */
  readonly endGroup: (group: ProcessGroup, graceMs: number) => TaskEither<SpawnFailed, boolean>;
}
