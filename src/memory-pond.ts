import { silentLogger } from './adapters/logging/silent-logger.js';
import type { FaultRule } from './adapters/memory/file-system/faults.js';
import {
  createMemoryFileSystem,
  type MemoryFileSystem,
} from './adapters/memory/file-system/memory-file-system.js';
import { loseNothing } from './adapters/memory/file-system/power-loss.js';
import { memoryLocks } from './adapters/memory/memory-locks.js';
import { memoryUserState } from './adapters/memory/memory-user-state.js';
import { noProcesses, noWorkingSpaces } from './adapters/memory/without-machine.js';
import { nodeClock } from './adapters/node/node-clock.js';
import { nodeHost } from './adapters/node/node-host.js';
import { uuidIds } from './adapters/node/uuid-ids.js';
import {
  type DatabaseFiles,
  memoryDatabases,
  withDatabaseFiles,
} from './adapters/sqlite/memory-databases.js';
import { objectStores } from './adapters/stores/open-store.js';
import { assemble } from './composition-root.js';
import { hostPlansOf, livePorts } from './live-ports.js';
import type { Clock } from './ports/clock.js';
import { NO_DIRECTORY_WATCH } from './ports/directory-watch.js';
import type { Logger } from './ports/logger.js';
import { NO_TELEMETRY } from './ports/no-telemetry.js';
import type { Telemetry } from './ports/telemetry.js';
import { type PromisedSteward, promisedSteward, settle } from './promised-steward.js';
import { checkArguments } from './steward/arguments/check-arguments.js';
import { checkMemoryOptions } from './steward/arguments/check-opening.js';
import type { OpenOptions } from './steward/shapes/open-options.js';
import type { Steward as OpenSteward } from './steward/steward.js';
import type { StewardPorts } from './steward/steward-ports.js';

/** Options of making a pond in memory. */
export interface MemoryPondOptions extends OpenOptions {
  /** Default: the machine's. With {@link settableClock} what waits does so until the clock is advanced. */
  readonly clock?: Clock;
  /** Receiver of log lines. Default: nobody. */
  readonly logger?: Logger;
  /** Default: says nothing. */
  readonly telemetry?: Telemetry;
  /** Decides which system calls fail, from when the pond has been made: the first call is that of its opening. */
  readonly fault?: FaultRule;
  /** The environment variables that configurations may name. Default: none. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A pond in memory, open. */
export interface MemoryPond {
  /** The pond and its steward, whose functions return a `TaskEither`. */
  readonly steward: OpenSteward;
  /** The same as promises, which reject with a `PondFailure`. */
  readonly promises: PromisedSteward;
  /** The disk that the pond is on, in the directory `/pond`. */
  readonly disk: MemoryFileSystem;
  /** Closes the pond and opens it again as another process would; the options count beside those it was made with. */
  readonly reopen: (options?: OpenOptions) => Promise<MemoryPond>;
}

const DIRECTORY = '/pond';

/**
 * Makes a pond in memory and opens it. It is a whole one, its Delta table and its control table included, and lost with
 * the process. Factories are those that are built in, and the given ones. Programs are not started: a task of the
 * factory `command` fails. Rejects with a `PondFailure`.
 *
 * @example
 * const pond = await createMemoryPond();
 * await pond.promises.write(({ fs }) => fs.write('/hello.txt', Buffer.from('hello\n')));
 * await pond.promises.close();
 */
export const createMemoryPond = async (options: MemoryPondOptions = {}): Promise<MemoryPond> => {
  await settle(checkMemoryOptions(options));
  const empty = createMemoryFileSystem({ now: (options.clock ?? nodeClock).nowMicros });
  const databases: DatabaseFiles = new Map();
  const userState = memoryUserState();
  const portsOn = (disk: MemoryFileSystem) => memoryPorts(options, disk, databases, userState);
  await settle(assemble(portsOn(empty)).init(DIRECTORY, options));
  const disk = empty.crash(loseNothing, options.fault);
  return openOn(portsOn(disk), disk, options);
};

const openOn = async (
  ports: StewardPorts,
  disk: MemoryFileSystem,
  options: OpenOptions,
): Promise<MemoryPond> => {
  const steward = checkArguments(await settle(assemble(ports).open(DIRECTORY, options)));
  return {
    steward,
    promises: promisedSteward(steward),
    disk,
    reopen: async (others = {}) => {
      await steward.close()();
      return openOn(ports, disk, { ...options, ...others });
    },
  };
};

/** Ports of which no file, lock or database is the machine's. */
const memoryPorts = (
  { clock = nodeClock, logger = silentLogger, telemetry = NO_TELEMETRY, variables = {} }: MemoryPondOptions,
  disk: MemoryFileSystem,
  databases: DatabaseFiles,
  userState: StewardPorts['userState'],
): StewardPorts => {
  // Nobody can exchange what is in this process's memory.
  const host = { ...nodeHost(), hostName: 'memory', workingDirectory: '/', user: null, variables };
  const files = withDatabaseFiles(disk.files, databases);
  const locks = memoryLocks(new Set());
  const common = { clock, ids: uuidIds, logger, telemetry, userState, locks, host };
  return {
    ...livePorts(logger),
    ...common,
    files,
    hostFiles: files,
    hold: () => ({ files, release: () => undefined }),
    logs: disk.logs,
    databases: memoryDatabases(files, databases, () => undefined),
    processes: noProcesses,
    workspaces: noWorkingSpaces,
    watch: NO_DIRECTORY_WATCH,
    stores: objectStores({ directory: () => ({ files, locks, ids: uuidIds }), variables }),
    hostPlans: hostPlansOf({ ...common, files, logs: disk.logs, pid: host.pid, caller: null }, host),
  };
};
