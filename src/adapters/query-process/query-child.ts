import { type ChildProcess, spawn } from 'node:child_process';
import type { FromQueryProcess, ToQueryProcess } from './messages.js';
import { QUERY_PROCESS } from './messages.js';

/** The way in which processes that evaluate queries are started. */
export interface QueryProcessStart {
  /** The words that start the executable. */
  readonly executable: readonly string[];
  /** True: there will be a query, and a process is started meanwhile. */
  readonly isWanted?: boolean;
}

/** A process that evaluates queries, one at a time. */
export interface QueryChild {
  readonly send: (message: ToQueryProcess) => void;
  /** The next message; null: the process has ended. */
  readonly next: () => Promise<FromQueryProcess | null>;
  /** Resolves when the process has ended, to the words for how. */
  readonly ended: Promise<string>;
  readonly kill: () => void;
  /** Makes this process wait for it, or no longer. */
  readonly hold: () => void;
  readonly letGo: () => void;
}

/**
 * KiB of memory that the process may take, twice what the engine is told and what Node needs: not all that a query makes the engine
 * take counts there. The shell sets it, and that a crash leaves no file with what was in memory; where it cannot, the process has no limit.
 */
const LIMITS = 'ulimit -c 0; ulimit -d 2097152; exec "$@"';

/** Variables that tell Node and the loader where things are. A query has no use for any other. */
const VARIABLES = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'NODE_PATH', 'NODE_OPTIONS', 'TMPDIR'];

/** Starts a process by this executable, which is a program of Node. */
export const startQueryChild = (executable: readonly string[]): QueryChild => {
  const env = Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const child = spawn('/bin/sh', ['-c', LIMITS, 'sh', ...executable, QUERY_PROCESS], {
    env,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  return overChannel(child);
};

const overChannel = (child: ChildProcess): QueryChild => {
  const waiting: FromQueryProcess[] = [];
  let take: ((message: FromQueryProcess | null) => void) | null = null;
  let hasEnded = false;
  const give = (message: FromQueryProcess | null): boolean => {
    const taking = take;
    take = null;
    taking?.(message);
    return taking !== null;
  };
  child.on('message', (message: FromQueryProcess) => {
    if (!give(message)) waiting.push(message);
  });
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      hasEnded = true;
      give(null);
      resolve(how);
    };
    child.once('error', ({ message }) => end(message));
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    ended,
    // Where the process has ended, `next` says so.
    send: (message) => void child.send(message, () => undefined),
    next: () => {
      const message = waiting.shift();
      if (message !== undefined || hasEnded) return Promise.resolve(message ?? null);
      return new Promise((resolve) => {
        take = resolve;
      });
    },
    kill: () => void child.kill('SIGKILL'),
    hold: () => {
      child.ref();
      child.channel?.ref();
    },
    letGo: () => {
      child.unref();
      child.channel?.unref();
    },
  };
};
