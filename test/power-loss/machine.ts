import Database from 'better-sqlite3';
import { silentLogger } from '../../src/adapters/logging/silent-logger.js';
import { type FaultRule, PowerCut } from '../../src/adapters/memory/file-system/faults.js';
import {
  createMemoryFileSystem,
  type MemoryFileSystem,
} from '../../src/adapters/memory/file-system/memory-file-system.js';
import type { PowerLoss } from '../../src/adapters/memory/file-system/power-loss.js';
import { loseNothing } from '../../src/adapters/memory/file-system/power-loss.js';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.js';
import { memoryUserState } from '../../src/adapters/memory/memory-user-state.js';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import {
  type DatabaseFiles,
  memoryDatabases,
  withDatabaseFiles,
} from '../../src/adapters/sqlite/memory-databases.js';
import type { Program } from '../../src/cli/program.js';
import { assemble } from '../../src/composition-root.js';
import { hostPlansOf, livePorts } from '../../src/live-ports.js';
import type { HostFileSystem } from '../../src/ports/file-system.js';
import type { UserState } from '../../src/ports/user-state.js';

/** A machine with a disk. Processes run on it until its power is cut. */
export interface Machine {
  readonly disk: MemoryFileSystem;
  readonly databases: DatabaseFiles;
  /** What its user keeps outside of the pond; no power loss takes it away. */
  readonly userState: UserState;
}

export const newMachine = (): Machine => {
  const disk = createMemoryFileSystem({ now: () => 0 });
  disk.onlooker.makeDirectories('/ponds')();
  disk.onlooker.makeDirectories('/srv')();
  return { disk: disk.crash(loseNothing), databases: new Map(), userState: memoryUserState() };
};

/** What a power loss leaves of a machine. `relaxed`: whether SQLite's relaxed transactions survived. */
export const machineAfter = (
  { disk, databases, userState }: Machine,
  loss: PowerLoss,
  relaxed: 'kept' | 'lost' = 'kept',
): Machine => ({
  disk: disk.crash(loss),
  userState,
  databases: new Map(
    [...databases].map(([path, { now, durable }]) => {
      const content = relaxed === 'kept' ? now : durable;
      return [path, { now: content, durable: content }];
    }),
  ),
});

/** System calls that change nothing on the disk: a cut before one of them is a cut before what follows. */
const LOOKS = ['open', 'read', 'lstat', 'stat', 'readlink', 'scandir', 'realpath', 'access'];

/** System calls that need room on the disk. */
const GROWING = ['write', 'mkdir', 'symlink', 'link', 'rename', 'fsync'];

/** What befalls a process, and on what it runs. */
export interface Fate {
  /** What happens at its step: the power is cut, or the disk is full from then on. */
  readonly what?: 'power-cut' | 'disk-full';
  /** Plants a fault below the ports. */
  readonly tamper?: (files: HostFileSystem) => HostFileSystem;
}

export interface PoweredProcess {
  readonly program: Program;
  /** Steps that were made: changing system calls, and commits of the database. */
  readonly steps: () => number;
}

/**
 * The product as a process on a machine, whose power is cut before the step `cutAt`: from then on no call has an
 * effect, whoever catches what it throws.
 */
export const processOn = (
  machine: Machine,
  cutAt: number,
  { tamper = (files) => files, what = 'power-cut' }: Fate = {},
): PoweredProcess & { readonly machine: Machine } => {
  let steps = 0;
  let cut: PowerCut | null = null;
  const step = () => {
    if (cut === null) steps += 1;
    if (steps >= cutAt && what === 'power-cut') cut ??= new PowerCut(`before step ${cutAt}`);
    if (cut !== null) throw cut;
  };
  const isFull = () => what === 'disk-full' && steps >= cutAt;
  const fault: FaultRule = ({ call }) => {
    if (cut !== null) throw cut;
    if (!LOOKS.includes(call)) step();
    return isFull() && GROWING.includes(call) ? 'ENOSPC' : null;
  };
  const commit = () => {
    step();
    if (isFull()) throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  };
  const running: Machine = {
    disk: machine.disk.crash(loseNothing, fault),
    databases: new Map(machine.databases),
    userState: machine.userState,
  };
  const files = tamper(withDatabaseFiles(running.disk.files, running.databases));
  const host = { ...livePorts(silentLogger).host, variables: { HOME: '/home' }, hostName: 'machine' };
  const { userState } = machine;
  const common = { clock: nodeClock, ids: uuidIds, logger: silentLogger };
  // All processes of a machine have ended when the next one begins.
  const locks = memoryLocks(new Set());
  const program = assemble({
    ...livePorts(silentLogger),
    ...common,
    host,
    files,
    hostFiles: files,
    locks,
    userState,
    logs: running.disk.logs,
    databases: memoryDatabases(files, running.databases, commit),
    hostPlans: hostPlansOf(
      { ...common, files, locks, logs: running.disk.logs, pid: host.pid, host, userState },
      host,
    ),
  });
  return { machine: running, program, steps: () => steps };
};
