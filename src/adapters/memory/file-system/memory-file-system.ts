import type { AppendLogs } from '../../../ports/append-log.js';
import type { HostFileSystem } from '../../../ports/file-system.js';
import { memoryAppendLogs } from './append-logs.js';
import { makeDurable } from './changes.js';
import type { FaultRule } from './faults.js';
import type { Kernel } from './kernel.js';
import { type Disk, newDirectory, newDisk } from './nodes.js';
import { locate } from './paths.js';
import { memoryPort } from './port.js';
import { afterPowerLoss, type PowerLoss } from './power-loss.js';
import { makeDirectories } from './programs.js';

/** Options of a filesystem in memory. */
export interface MemoryFileSystemOptions {
  /** Microseconds since the epoch: what becomes the modification time. Default: 0. */
  readonly now?: () => number;
  /** `owner`: someone who owns every entry and is held to the owner's permission bits. Default `root`. */
  readonly user?: 'root' | 'owner';
  /** Bits that new entries do not get where no mode is given for them. Default `0o022`. */
  readonly umask?: number;
  /** Directories that are filesystems of their own, made at the start: absolute, the outer before the inner. */
  readonly mounts?: readonly string[];
  /** Decides which calls fail. Default: none. */
  readonly fault?: FaultRule;
}

/** A filesystem that is lost with the process, and behaves like the host's until then. */
export interface MemoryFileSystem {
  readonly files: HostFileSystem;
  /** Files that only grow, on the same disk. */
  readonly logs: AppendLogs;
  /** The same entries as root sees them: never fails by the fault rule, and counts no calls. */
  readonly onlooker: HostFileSystem;
  /** System calls that were made through `files` and `logs`. */
  readonly calls: () => number;
  /**
   * The filesystem as it is found after a power loss at this moment, with what was fsynced and what the given loss
   * leaves of the rest; all of that is durable then. This one stays as it is, so that one moment can be lost in many
   * ways. The new one counts from 1 and has the given fault rule, or none.
   */
  readonly crash: (loss: PowerLoss, fault?: FaultRule) => MemoryFileSystem;
}

/**
 * Makes an empty filesystem.
 *
 * @example
 * const memory = createMemoryFileSystem({ now: () => 0, fault: failAt(3, 'ENOSPC') });
 */
export const createMemoryFileSystem = (options: MemoryFileSystemOptions = {}): MemoryFileSystem => {
  const disk = newDisk({ mode: 0o755, modifiedAt: (options.now ?? (() => 0))() });
  for (const path of options.mounts ?? []) mount(disk, path, options);
  return onDisk(disk, options);
};

const onDisk = (disk: Disk, options: MemoryFileSystemOptions): MemoryFileSystem => {
  const { now = () => 0, umask = 0o022, user = 'root', fault = () => null } = options;
  let count = 0;
  const onCall: Kernel['onCall'] = (call, paths) => {
    count += 1;
    return fault({ count, call, paths });
  };
  const kernel = { disk, now, umask, isRoot: user === 'root', onCall };
  return {
    files: memoryPort(kernel),
    logs: memoryAppendLogs(kernel),
    onlooker: memoryPort(quiet(disk, options)),
    calls: () => count,
    crash: (loss, next) => {
      const { fault: _, ...others } = options;
      const survivor = afterPowerLoss(disk, loss);
      return onDisk(survivor, next === undefined ? others : { ...others, fault: next });
    },
  };
};

const quiet = (disk: Disk, { now = () => 0, umask = 0o022 }: MemoryFileSystemOptions): Kernel => ({
  disk,
  now,
  umask,
  isRoot: true,
  onCall: () => null,
});

/** Devices are numbered 2, 3 ... by the inodes of their roots, which no two share. */
const mount = (disk: Disk, path: string, options: MemoryFileSystemOptions): void => {
  const kernel = quiet(disk, options);
  const above = path.slice(0, path.lastIndexOf('/')) || '/';
  makeDirectories(kernel, above);
  const { parent, name } = locate(kernel, { name: 'mount', path }, path, { follow: false });
  const attributes = { mode: 0o755, modifiedAt: (options.now ?? (() => 0))() };
  const root = newDirectory(disk, parent, attributes, disk.inodes + 1n);
  parent.entries.set(name, root);
  parent.durable.set(name, root);
  for (let at = parent; ; at = at.parent) {
    makeDurable(disk, at);
    if (at.parent === null) return;
  }
};
