import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMemoryFileSystem } from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';
import { otherDevice } from '../../support/other-device.js';
import { done } from './outcomes.js';

/** A filesystem to try, with an empty directory in it. */
export interface Trial {
  readonly files: HostFileSystem;
  readonly root: string;
  /** An empty directory on another device; null where the machine has none. */
  readonly elsewhere: string | null;
  /** The same entries, seen with the rights to see everything. */
  readonly onlooker: HostFileSystem;
  /** False: `access` answers for someone else, since it goes by the real user, whom root cannot change and change back. */
  readonly accessAsksForUser: boolean;
  readonly actsAsRoot: boolean;
  readonly dispose: () => void;
}

/** `owner`: not root, and the owner of everything in the directory. */
export type User = 'root' | 'owner';

export type MakeTrial = (user: User) => Trial;

/** One that is gone after the test. */
export const tryOut = (make: MakeTrial, user: User = 'root'): Trial => {
  const trial = make(user);
  onTestFinished(trial.dispose);
  return trial;
};

const NOBODY = 65_534;

const IS_ROOT = process.getuid?.() === 0;

/** Whether there are two devices to move between. */
const OTHER_DEVICE = otherDevice();

/**
 * The host's, in temporary directories. Root is held to no permission bits, so for `owner` root's calls are made as
 * nobody; anyone else is an owner anyway, and cannot become root.
 */
export const nodeTrial: MakeTrial = (user) => {
  const root = temporary(tmpdir());
  const elsewhere = OTHER_DEVICE === null ? null : temporary(OTHER_DEVICE);
  const asNobody = IS_ROOT && user === 'owner';
  if (asNobody) chownSync(root, NOBODY, NOBODY);
  return {
    files: asNobody ? asUser(nodeFileSystem, NOBODY) : nodeFileSystem,
    root,
    elsewhere,
    onlooker: nodeFileSystem,
    accessAsksForUser: !asNobody,
    actsAsRoot: IS_ROOT && user === 'root',
    dispose: () => {
      for (const made of [root, elsewhere]) {
        if (made !== null) removeTree(made);
      }
    },
  };
};

const temporary = (above: string): string => {
  const directory = mkdtempSync(join(above, 'pond-files-'));
  chmodSync(directory, 0o755);
  return directory;
};

/** Removes whatever bits a test has left on its directories. */
const removeTree = (root: string): void => {
  const open = (directory: string): void => {
    chmodSync(directory, 0o700);
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) open(join(directory, entry.name));
    }
  };
  open(root);
  rmSync(root, { recursive: true });
};

/** Makes each call as that user. The calls of a task are made as root again once it waits, so a task stays that user to its end. */
export const asUser = (files: HostFileSystem, uid: number): HostFileSystem => {
  const as = <A>(call: () => A): A => {
    process.seteuid?.(uid);
    let result: A;
    try {
      result = call();
    } catch (error) {
      process.seteuid?.(0);
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => process.seteuid?.(0)) as A;
    process.seteuid?.(0);
    return result;
  };
  const wrapped = Object.entries(files)
    .filter(([name]) => name !== 'streamFile')
    .map(([name, call]) => [
      name,
      (...args: readonly unknown[]) =>
        () =>
          as((call as (...args: readonly unknown[]) => () => unknown)(...args)),
    ]);
  return { ...files, ...Object.fromEntries(wrapped) };
};

/** The memory one, with a clock that starts at the given microsecond and ticks at every look. */
export const memoryTrial =
  (start = 1_700_000_000_000_000): MakeTrial =>
  (user) => {
    let time = start;
    const memory = createMemoryFileSystem({
      user,
      mounts: ['/mnt/other'],
      now: () => {
        time += 1;
        return time;
      },
    });
    done(memory.onlooker.makeDirectories('/srv/root'));
    return {
      files: memory.files,
      root: '/srv/root',
      elsewhere: '/mnt/other',
      onlooker: memory.onlooker,
      accessAsksForUser: true,
      actsAsRoot: user === 'root',
      dispose: () => undefined,
    };
  };
