import { basename, dirname } from 'node:path';
import type { FileSystem } from '../../../src/ports/file-system.js';
import type { Locks } from '../../../src/ports/locks.js';
import type { ObjectStores } from '../../../src/ports/object-store.js';
import type { Processes } from '../../../src/ports/processes.js';
import type { SqlDatabase } from '../../../src/ports/sql-database.js';
import type { StewardPorts } from '../../../src/steward/steward-ports.js';

/** Follows the durable steps of a process. */
export interface Steps {
  /** A step is about to be made. May not return. */
  readonly reach: (name: string) => void;
  /** Whether the next step is the one that will not return. */
  readonly nextIsLast: () => boolean;
}

/**
 * The same ports, which tell before every step that leaves something behind: each file written (and once more in its
 * middle), linked, renamed or removed, each directory made, each object put or removed in a store, each lock taken or let go, each transaction of the control
 * table (just before its COMMIT, so that there is something to take back), each child that starts and that runs.
 *
 * Points at which SIGKILL leaves the same are one point. Nothing that stays happens between two steps, so `after X` is
 * `before what follows X`. What SIGKILL ends need not be fsynced to stay, so fsyncs are not steps, nor is removing or renaming
 * what is missing or making a directory that is there.
 */
export const steppingPorts = (ports: StewardPorts, steps: Steps): StewardPorts => ({
  ...ports,
  files: steppingFiles(ports.files, steps),
  locks: steppingLocks(ports.locks, steps),
  databases: {
    open: (path, options) => () => {
      steps.reach(`open ${basename(path)}`);
      const opened = ports.databases.open(path, options)();
      return opened._tag === 'Left' ? opened : { ...opened, right: steppingDatabase(opened.right, steps) };
    },
  },
  processes: steppingProcesses(ports.processes, steps),
  stores: steppingStores(ports.stores, steps),
  userState: {
    ...ports.userState,
    keep: (folder, name, text) => () => {
      steps.reach(`keep ${folder}`);
      return ports.userState.keep(folder, name, text)();
    },
  },
});

/** Requests that leave something behind; an object is there with its whole content, or not at all. */
const steppingStores = ({ open }: ObjectStores, steps: Steps): ObjectStores => ({
  open: (place) => async () => {
    const opened = await open(place)();
    if (opened._tag === 'Left') return opened;
    const before =
      <R extends { readonly key: string }, Rest extends readonly unknown[], A>(
        what: string,
        request: (wanted: R, ...rest: Rest) => () => Promise<A>,
      ) =>
      (wanted: R, ...rest: Rest) =>
      async (): Promise<A> => {
        steps.reach(`${what} ${wanted.key}`);
        return request(wanted, ...rest)();
      };
    const { uploads, ...store } = opened.right;
    const remove = before('delete', ({ key }: { readonly key: string }, signal: AbortSignal) =>
      store.delete(key, signal),
    );
    return {
      ...opened,
      right: {
        ...store,
        put: before('put', store.put),
        delete: (key, signal) => remove({ key }, signal),
        uploads: {
          ...uploads,
          put: before('upload', uploads.put),
          complete: before('complete', uploads.complete),
        },
      },
    };
  },
});

export const steppingFiles = (files: FileSystem, steps: Steps): FileSystem => {
  const isThere = (path: string) => files.stat(path)()._tag === 'Right';
  /** A chunk is written once the next one is asked for. */
  async function* reachingAfterFirst(content: AsyncIterable<Uint8Array>, name: string) {
    let isFirst = true;
    for await (const chunk of content) {
      yield chunk;
      if (isFirst) steps.reach(name);
      isFirst = false;
    }
  }
  const before =
    <A>(name: string, effect: () => A): (() => A) =>
    () => {
      steps.reach(name);
      return effect();
    };
  return {
    ...files,
    streamToNewFile: (path, content) =>
      before(
        `streamToNewFile ${shown(path)}`,
        files.streamToNewFile(path, reachingAfterFirst(content, `within streamToNewFile ${shown(path)}`)),
      ),
    makeDirectories: (path) => () => {
      if (!isThere(path)) steps.reach(`makeDirectories ${shown(path)}`);
      return files.makeDirectories(path)();
    },
    rename: (from, to) => () => {
      if (isThere(from)) steps.reach(`rename ${shown(from)} ${shown(to)}`);
      return files.rename(from, to)();
    },
    link: (from, to) => before(`link ${shown(from)} ${shown(to)}`, files.link(from, to)),
    remove: (path) => () => {
      if (isThere(path)) steps.reach(`remove ${shown(path)}`);
      return files.remove(path)();
    },
    // One after the other, so that a kill in between finds what side by side may leave, too.
    writeNewFiles: (all, directories) => async () => {
      for (const { path, content } of all) {
        steps.reach(`writeNewFile ${shown(path)}`);
        if (steps.nextIsLast()) files.writeNewFile(path, content.subarray(0, content.length >> 1))();
        steps.reach(`half of writeNewFile ${shown(path)}`);
        const written = files.writeNewFile(path, content)();
        if (written._tag === 'Left') return written;
      }
      return files.writeNewFiles([], directories)();
    },
    writeNewFile: (path, content) => () => {
      steps.reach(`writeNewFile ${shown(path)}`);
      if (steps.nextIsLast()) files.writeNewFile(path, content.subarray(0, content.length >> 1))();
      steps.reach(`half of writeNewFile ${shown(path)}`);
      return files.writeNewFile(path, content)();
    },
  };
};

export const steppingLocks = (locks: Locks, steps: Steps): Locks => ({
  ...locks,
  tryAcquire: (path) => () => {
    steps.reach(`lock ${shown(path)}`);
    const lock = locks.tryAcquire(path)();
    if (lock._tag === 'Left' || lock.right === null) return lock;
    const held = lock.right;
    return {
      ...lock,
      right: {
        release: () => {
          steps.reach(`unlock ${shown(path)}`);
          held.release();
        },
      },
    };
  },
  remove: (path) => () => {
    steps.reach(`remove ${shown(path)}`);
    return locks.remove(path)();
  },
});

const steppingDatabase = (database: SqlDatabase, steps: Steps): SqlDatabase => ({
  ...database,
  transaction: (durability, body) =>
    database.transaction(durability, (transaction) => {
      const answer = body(transaction);
      steps.reach(`commit of a ${durability} transaction`);
      return answer;
    }),
  close: () => {
    steps.reach('close of the database');
    database.close();
  },
});

const steppingProcesses = (processes: Processes, steps: Steps): Processes => ({
  run: (spec, beforeStart) => {
    let printed = false;
    const onLine: typeof spec.onLine = (stream, line, torn) => {
      if (!printed) steps.reach('a child runs and has printed its first line');
      printed = true;
      spec.onLine(stream, line, torn);
    };
    return processes.run({ ...spec, onLine }, (group) => async () => {
      steps.reach('a child waits at its gate');
      const recorded = await beforeStart(group)();
      steps.reach('opening of the gate');
      return recorded;
    });
  },
  findGroup: processes.findGroup,
  endGroup: (group, graceMs) => () => {
    steps.reach('end of a process group');
    return processes.endGroup(group, graceMs)();
  },
});

/** A path without what differs from run to run. */
export const shown = (path: string): string =>
  `${basename(dirname(path))}/${basename(path)}`.replace(
    /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    '<id>',
  );
