import { type ChildProcess, spawn } from 'node:child_process';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { ChildExit, ChildSpec, ProcessGroup } from '../../../ports/processes.js';
import { errnoOf } from '../files/errno.js';
import { MARKER_VARIABLE } from './group-members.js';

/** A child that has been made but does nothing yet. */
export interface GatedChild {
  readonly child: ChildProcess;
  readonly group: ProcessGroup;
  readonly gate: Gate;
  /** Resolves when the child, the leader of its group, has ended. Never rejects. */
  readonly exited: Promise<ChildExit>;
}

/** The gate between a child and its first instruction. Closed without having been opened, the child ends without having run. */
export interface Gate {
  readonly open: () => void;
  readonly close: () => void;
}

/**
 * The shell waits for a line on descriptor 3 and becomes the program; at the end of that pipe it gives up. This
 * process holds the only other end, so the child cannot outlive it unrecorded: also SIGKILL closes the pipe.
 */
const WAIT_THEN_BECOME = 'read -r _ <&3 || exit 125; exec 3<&-; exec "$@"';

/** Makes a child in a process group of its own, waiting at its gate. Left: the errno name. */
export const spawnGated = async (
  { args, cwd, env, marker }: ChildSpec,
  program: string,
): Promise<Either<string, GatedChild>> => {
  try {
    const child = spawn('/bin/sh', ['-c', WAIT_THEN_BECOME, 'sh', program, ...args], {
      cwd,
      env: { ...env, [MARKER_VARIABLE]: marker },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    const exited = new Promise<ChildExit>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(code === null ? { _tag: 'Killed', signal: signal ?? 'SIGKILL' } : { _tag: 'Exited', code }),
      );
    });
    // The event comes when the shell has been started, its environment in place: from here on the group is marked.
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    if (child.pid === undefined) return left('no pid');
    return right({ child, group: { pgid: child.pid, marker }, gate: gateOf(child), exited });
  } catch (error) {
    return left(errnoOf(error));
  }
};

/** The child may be killed, or end without reading its input, at any moment: its ends of the pipes are then closed. */
const gateOf = (child: ChildProcess): Gate => {
  const pipe = child.stdio[3];
  for (const stream of [pipe, child.stdin]) stream?.on('error', childHasClosed);
  return {
    open: () => {
      if (pipe !== undefined && pipe !== null && 'end' in pipe) pipe.end('\n');
    },
    close: () => {
      pipe?.destroy();
    },
  };
};

/** Errors of a pipe to the child are dropped: how it ended says more. */
const childHasClosed = (): void => undefined;
