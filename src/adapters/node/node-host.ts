import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { Host } from '../../ports/host.js';
import { ancestryOf } from './own-process/ancestry.js';
import { workingDirectory } from './own-process/working-directory.js';
import { processIsAlive } from './processes/process-liveness.js';

/** This process and this machine. */
export const nodeHost = (): Host => {
  const bootId = once(() => told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()));
  const pidNamespace = once(() => told(() => readlinkSync('/proc/self/ns/pid')));
  return {
    pid: process.pid,
    startedAt: () => Math.floor((Date.now() - process.uptime() * 1000) * 1000),
    hostName: hostname(),
    userName: nameOfUser(),
    user: userOfProcess(),
    workingDirectory: workingDirectory(),
    variables: process.env,
    processIsAlive,
    bootId,
    pidNamespace,
    ancestry: () => ancestryOf(process.pid),
  };
};

/** Facts that stay the same as long as a process lives are asked for once. */
const once = <A>(ask: () => A): (() => A) => {
  let known: { readonly value: A } | null = null;
  return () => {
    known ??= { value: ask() };
    return known.value;
  };
};

/** A user id without an entry in the user database (as in many containers) has no name. */
const nameOfUser = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
};

/** The user that this process acts as, which decides what its files belong to. */
export const userOfProcess = (): Host['user'] => {
  const id = process.geteuid?.();
  const group = process.getegid?.();
  return id === undefined || group === undefined ? null : { id, group };
};

/** Facts that only Linux tells, and not in every sandbox. */
const told = (ask: () => string): string | null => {
  try {
    const text = ask();
    return text === '' ? null : text;
  } catch {
    return null;
  }
};
