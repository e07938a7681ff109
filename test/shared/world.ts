// A store in memory, and machines that share the pond in it, each with a directory of copies of its own.

import { join } from 'node:path';
import { left, right } from 'fp-ts/lib/Either.js';
import { memoryUserState } from '../../src/adapters/memory/memory-user-state.js';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import { assemble } from '../../src/composition-root.js';
import { livePorts } from '../../src/live-ports.js';
import type { Locks } from '../../src/ports/locks.js';
import { type PromisedSteward, promisedSteward, settle } from '../../src/promised-steward.js';
import type { OpenOptions } from '../../src/steward/shapes/open-options.js';
import type { StewardPorts } from '../../src/steward/steward-ports.js';
import { type LoggedLine, memoryLogger } from '../support/memory-logger.js';
import {
  type MemoryStore,
  memoryStore,
  type StoreFault,
  type StoreRequest,
} from '../support/memory-store.js';

/** Address of the pond; what is at it is the store in memory. */
const ADDRESS = 's3://bucket/pond';

type Fault = (request: StoreRequest) => StoreFault;

export interface World {
  readonly folder: string;
  readonly store: MemoryStore;
  readonly lines: readonly LoggedLine[];
  /** Decides what becomes of requests from now on; null: all are done. */
  readonly fail: (fault: Fault | null) => void;
  /** Deadlines come from now on, soon; else they never do. */
  readonly letDeadlinesCome: () => void;
  /** Fails what is written to a machine's copies from now on with this code; null: nothing. */
  readonly failWrites: (code: string | null) => void;
  /** Lets so many directories not be made, as where what they are to be in is deleted meanwhile. */
  readonly failDirectories: (times: number) => void;
  /** Lets everybody have the writer's lock: what happens to who is suspended, and whose lock is given to another. */
  readonly loseLocks: () => void;
  readonly init: (options?: OpenOptions) => Promise<unknown>;
  /** Opens the pond on a machine. */
  readonly open: (
    machine: string,
    options?: OpenOptions & { readonly clockAheadMs?: number },
  ) => Promise<PromisedSteward>;
  /** Requests that work makes. */
  readonly requestsOf: (work: () => Promise<unknown>) => Promise<readonly StoreRequest[]>;
  readonly program: ReturnType<typeof assemble>;
}

/** Waits between tries take no time; deadlines come when they are let. */
const worldClock = (doDeadlinesCome: () => boolean): StewardPorts['clock'] => ({
  ...nodeClock,
  sleep: async (milliseconds, signal) => {
    if (milliseconds < 30_000) return nodeClock.giveWay();
    if (doDeadlinesCome()) {
      for (let turn = 0; turn < 100 && signal?.aborted !== true; turn += 1) await new Promise(setImmediate);
      return;
    }
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
  },
});

/** Files to which nothing can be written while `codeOf` says so. */
const fullDisk = (files: StewardPorts['files'], codeOf: () => string | null): StewardPorts['files'] => {
  const refused = (path: string) => {
    const code = codeOf();
    return code === null ? null : left({ _tag: 'FileSystemError' as const, call: 'write', path, code });
  };
  return {
    ...files,
    writeNewFile: (path, content, durability) => () =>
      refused(path) ?? files.writeNewFile(path, content, durability)(),
    writeNewFiles: (made, directories) => async () =>
      refused(made[0]?.path ?? '') ?? files.writeNewFiles(made, directories)(),
    streamToNewFile: (path, content, as) => async () =>
      refused(path) ?? files.streamToNewFile(path, content, as)(),
  };
};

export const createWorld = (
  folder: string,
  options: { readonly ignoresConditions?: boolean } = {},
): World => {
  let fault: Fault | null = null;
  let deadlinesCome = false;
  let writesFail: string | null = null;
  const clock = worldClock(() => deadlinesCome);
  const store = memoryStore({
    ...options,
    fault: (request) => fault?.(request) ?? null,
    now: clock.nowMicros,
  });
  const { logger, lines } = memoryLogger();
  const live = livePorts(logger);
  let unmade = 0;
  const makeDirectories: StewardPorts['files']['makeDirectories'] = (path) => () => {
    if (unmade === 0) return live.files.makeDirectories(path)();
    unmade -= 1;
    return left({ _tag: 'FileSystemError', call: 'mkdir', path, code: 'ENOENT' });
  };
  let areLost = false;
  const locks: Locks = {
    ...live.locks,
    tryAcquire: (path) =>
      areLost && path.endsWith('writer.lock')
        ? () => right({ release: () => undefined })
        : live.locks.tryAcquire(path),
  };
  const ports: StewardPorts = {
    ...live,
    clock,
    logger,
    locks,
    files: fullDisk({ ...live.files, makeDirectories }, () => writesFail),
    userState: memoryUserState(),
    stores: { open: () => async () => right(store) },
  };
  const program = assemble(ports);
  const cache = (machine: string) => join(folder, machine);
  return {
    folder,
    store,
    lines,
    program,
    fail: (next) => {
      fault = next;
    },
    letDeadlinesCome: () => {
      deadlinesCome = true;
    },
    failWrites: (code) => {
      writesFail = code;
    },
    failDirectories: (times) => {
      unmade = times;
    },
    loseLocks: () => {
      areLost = true;
    },
    init: (given = {}) =>
      settle(program.init(ADDRESS, { control: `file://${folder}/control`, cache: cache('first'), ...given })),
    open: async (machine, { clockAheadMs = 0, ...given } = {}) => {
      const nowMicros = () => clock.nowMicros() + clockAheadMs * 1000;
      const there = clockAheadMs === 0 ? program : assemble({ ...ports, clock: { ...clock, nowMicros } });
      return promisedSteward(await settle(there.open(ADDRESS, { cache: cache(machine), ...given })));
    },
    requestsOf: async (work) => {
      const before = store.requests.length;
      await work();
      return store.requests.slice(before);
    },
  };
};

/** Writes one small file. */
export const put = (pond: PromisedSteward, path: string, text = path) =>
  pond.write(({ fs }) => fs.write(path, Buffer.from(text)));

/** Paths of the files that a pond shows. */
export const pathsOf = (pond: PromisedSteward): Promise<readonly string[]> =>
  pond.read(async ({ fs }) => (await fs.collectMatches('/*.txt')).entries.map(({ path }) => path));

export const textOf = (pond: PromisedSteward, path: string): Promise<string> =>
  pond.read(async ({ fs }) => Buffer.from(await fs.readBytes(path)).toString());

/** Keys of log entries that are there, by their numbers. */
export const versionsIn = ({ objects }: MemoryStore): readonly number[] =>
  [...objects.keys()]
    .flatMap((key) => (/^_delta_log\/\d{20}\.json$/.test(key) ? [Number(key.slice(11, 31))] : []))
    .sort((a, b) => a - b);

export const entryKeyOf = (version: number): string => `_delta_log/${String(version).padStart(20, '0')}.json`;

/** The id of the pond that lies in a store. */
export const pondIdIn = ({ objects }: MemoryStore): string =>
  JSON.parse(Buffer.from(objects.get('_pond.json') ?? []).toString()).pond_id;
