import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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
  /** Bytes of memory that it may take. */
  readonly room: number;
  /** Bytes of memory that it held when its last question was over. */
  readonly holds: () => number;
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

/** Sets limits before the shell becomes the process: its memory in KiB, and that a crash leaves no file with what was in memory. */
const LIMITS = '{ ulimit -c 0; ulimit -d "$0"; } 2>/dev/null; exec "$@"';

const SHELL = '/bin/sh';

/** Variables that tell Node and the loader where things are. A query has no use for any other. */
const VARIABLES = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'NODE_PATH', 'NODE_OPTIONS', 'TMPDIR'];

/** Those of which what is relative is so to the directory of whoever was started with them. */
const RELATIVE_TO = ['NODE_OPTIONS', 'NODE_PATH'] as const;

const MIB = 1024 * 1024;
const UNITS = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const;

/**
 * Bytes of memory that the process may have for a query with that limit: not all that a query makes the engine take counts there, and
 * Node and the stacks of the engine's threads come to it.
 */
export const roomFor = (memoryLimit: string): number => {
  const [, amount = '1', unit = 'G'] = /^([\d.]+)\s*([KMGT])i?B$/i.exec(memoryLimit) ?? [];
  const bytes = Number(amount) * UNITS[unit.toUpperCase() as keyof typeof UNITS];
  return Math.ceil(2 * bytes + 1024 * MIB + availableParallelism() * 32 * MIB);
};

/** Starts a process by this executable, which is a program of Node, with that many bytes of memory; without a shell it has no limit. */
export const startQueryChild = (executable: readonly string[], room: number): QueryChild => {
  const env: Readonly<Record<string, string>> = Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const words = [...executable, QUERY_PROCESS];
  const [program = '', ...args] = existsSync(SHELL)
    ? [SHELL, '-c', LIMITS, String(Math.ceil(room / 1024)), ...words]
    : words;
  const child = spawn(program, args, {
    env,
    ...(RELATIVE_TO.some((name) => env[name] !== undefined) ? {} : { cwd: '/' }),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  return overChannel(child, room);
};

const overChannel = (child: ChildProcess, room: number): QueryChild => {
  const waiting: FromQueryProcess[] = [];
  let take: ((message: FromQueryProcess | null) => void) | null = null;
  let hasEnded = false;
  let holds = 0;
  const give = (message: FromQueryProcess | null): boolean => {
    const taking = take;
    take = null;
    taking?.(message);
    return taking !== null;
  };
  child.on('message', (message: FromQueryProcess) => {
    if (message._tag === 'Done' || message._tag === 'Failed') holds = message.holds;
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
    room,
    holds: () => holds,
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
