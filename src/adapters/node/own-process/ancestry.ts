import { existsSync, readFileSync } from 'node:fs';
import type { Ancestor } from '../../../ports/host.js';
import { errnoOf } from '../files/errno.js';

/** More parents than any process has: what is read is the system's, and may change under the eyes. */
const MOST = 1_000;

/**
 * A process and its parents, itself first, as far as the system tells. Where a parent has ended its children are given to
 * another one, usually process 1.
 */
export const ancestryOf = (pid: number): readonly Ancestor[] =>
  existsSync('/proc/self/stat') ? walk(pid, inProc) : ancestryByPs(pid);

/** The same by one look of `ps` at all processes, where there is no /proc (macOS, BSD). */
export const ancestryByPs = (pid: number): readonly Ancestor[] => walk(pid, byPs());

type Look = (pid: number) => { readonly parent: number; readonly group: number } | null;

const walk = (pid: number, look: Look): readonly Ancestor[] => {
  const found: Ancestor[] = [];
  for (let at = pid; at > 0 && found.length < MOST; ) {
    const process = look(at);
    if (process === null) break;
    found.push({ pid: at, group: process.group });
    at = process.parent;
  }
  return found;
};

const inProc: Look = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // `pid (name) state ppid pgrp ...`: the name may contain anything, also parentheses.
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), group: Number(group) };
  } catch {
    // It has ended meanwhile, or belongs to somebody whose processes are hidden: nothing more can be known.
    return null;
  }
};

const byPs = (): Look => {
  const rows = new Map(
    allProcesses()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid, parent, group]) => [pid ?? 0, { parent: parent ?? 0, group: group ?? 0 }]),
  );
  return (pid) => rows.get(pid) ?? null;
};

const allProcesses = (): string => {
  try {
    // Loaded where it is needed: every start would pay for it.
    return process.getBuiltinModule('node:child_process').execFileSync('ps', ['-axo', 'pid=,ppid=,pgid='], {
      encoding: 'utf8',
      maxBuffer: 16 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    // A system with neither /proc nor ps tells nothing: then POND_CHAIN is all that there is.
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
};
