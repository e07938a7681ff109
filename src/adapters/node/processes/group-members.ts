import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { errnoOf } from '../files/errno.js';

/** A process of a group. */
export interface GroupMember {
  readonly pid: number;
  /** Tells whether its environment carries the marker. Unreadable ones (of other users) do not. */
  readonly marked: boolean;
}

/** The environment variable by which a group's members are recognised. */
export const MARKER_VARIABLE = 'POND_ATTEMPT_ID';

/**
 * The living members of a process group; zombies are dead and do not count. A program shows the environment that
 * it was started with: one that was started with an empty environment is a member, but not marked.
 */
export const groupMembers = (pgid: number, marker: string): readonly GroupMember[] =>
  existsSync('/proc/self/stat') ? membersInProc(pgid, marker) : membersByPs(pgid, marker);

const membersInProc = (pgid: number, marker: string): readonly GroupMember[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = readOrNull(`/proc/${name}/stat`)?.toString('latin1') ?? '';
    // `pid (name) state ppid pgrp ...`: the name may contain anything, also parentheses.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(group) !== pgid || state === 'Z' || state === 'X') return [];
    const variables = readOrNull(`/proc/${name}/environ`)?.toString().split('\0') ?? [];
    return [{ pid: Number(name), marked: variables.includes(`${MARKER_VARIABLE}=${marker}`) }];
  });

/** A process's command line; empty for one that has ended meanwhile. */
export const commandOf = (pid: number): string => {
  if (existsSync('/proc/self/stat')) {
    const words = readOrNull(`/proc/${pid}/cmdline`)?.toString().split('\0') ?? [];
    return words.join(' ').trim();
  }
  const shown = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return (shown.stdout ?? '').trim();
};

/** A process may end between being listed and being read, and other users' environments are closed. */
const readOrNull = (path: string): Buffer | null => {
  try {
    return readFileSync(path);
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error))) return null;
    throw error;
  }
};

/** Best effort where there is no /proc (macOS, BSD): `ps` prints environments after the command, unquoted. */
export const membersByPs = (pgid: number, marker: string): readonly GroupMember[] =>
  execFileSync('ps', ['axeww', '-o', 'pid=,pgid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
    .split('\n')
    .flatMap((line) => {
      const [, pid, group, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      if (Number(group) !== pgid || state?.startsWith('Z')) return [];
      const marked = `${command} `.includes(` ${MARKER_VARIABLE}=${marker} `);
      return [{ pid: Number(pid), marked }];
    });
