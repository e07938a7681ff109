// A pond in memory, a store in memory, and what a stranger finds in that store at any moment.

import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { createMemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { createMemoryPond, type MemoryPond } from '../../src/memory-pond.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { NO_TELEMETRY } from '../../src/ports/no-telemetry.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import { openLocalLog } from '../../src/remotes/local-log.js';
import { pull } from '../../src/remotes/pull/pull.js';
import { push } from '../../src/remotes/push/push.js';
import { type KnownRemote, UNKNOWN_REMOTE } from '../../src/remotes/push/pushing.js';
import { reliableStore } from '../../src/stores/reliable-store.js';
import { type MemoryStore, memoryStore, type StoreFault } from '../support/memory-store.js';

export const DATA = '/pond/data';
const KIB_70 = 70 * 1024;

/** Never waits: neither for a deadline nor between tries. */
const clock = {
  nowMicros: () => 0,
  monotonicMs: () => 0,
  giveWay: async () => undefined,
  sleep: async (milliseconds: number, signal?: AbortSignal) => {
    if (milliseconds < 30_000) return;
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
  },
};

export const over = (store: ObjectStore) =>
  reliableStore(store, {
    clock,
    random: { fraction: () => 0.5 },
    telemetry: NO_TELEMETRY,
    trace: null,
    signal: new AbortController().signal,
  });

export const outcomeOf = async <E, A>(work: TaskEither<E, A>): Promise<A> => {
  const outcome = await work();
  if (isLeft(outcome)) throw new Error(JSON.stringify(outcome.left));
  return outcome.right;
};

/** Pushes a pond, with what is known of the remote kept between pushes. */
export const pusher = (pond: { readonly disk: { readonly files: FileSystem } }, before?: KnownRemote) => {
  let known = before ?? UNKNOWN_REMOTE;
  return {
    known: () => known,
    push: async (store: ObjectStore) => {
      const reliable = over(store);
      const outcome = await push({
        files: pond.disk.files,
        dataDir: DATA,
        store: reliable,
        known,
        uniqueName: uuidIds.uuidV7,
        now: () => 0,
        save: (next) => async () => {
          known = next;
          return { _tag: 'Right', right: undefined };
        },
      })();
      return { outcome, usage: reliable.usage() };
    },
  };
};

export const pullInto = (files: FileSystem, store: MemoryStore, at: number | null = null, dataDir = DATA) =>
  pull({ files, dataDir, store: over(store), ids: uuidIds, now: () => 0 }, { at })();

/** An empty disk with the folder of a pond to be. */
export const emptyDisk = (fault?: Parameters<typeof createMemoryFileSystem>[0]) => {
  const disk = createMemoryFileSystem(fault);
  disk.onlooker.makeDirectories(DATA)();
  return disk;
};

/** The content root of what lies in a data directory, at a transaction (default: the newest), blobs looked for. */
export const rootOf = async (files: FileSystem, txnSeq?: number): Promise<string> => {
  const local = await outcomeOf(openLocalLog(files, DATA));
  for (const file of local.state.files.values()) {
    if (!local.hasFile(file)) throw new Error(`${file.path} is missing`);
  }
  for (const blob of await outcomeOf(local.blobsOf(local.state.files.values()))) {
    if (!local.hasBlob(blob)) throw new Error(`the blob ${blob.digest} is missing`);
  }
  return outcomeOf(local.contentRoot(txnSeq ?? Number.MAX_SAFE_INTEGER));
};

/** What somebody who restores from the store now gets; null: there is nothing yet. Throws where it is not whole. */
export const rootInStore = async (objects: ReadonlyMap<string, Uint8Array>): Promise<string | null> => {
  const disk = emptyDisk();
  const pulled = await pullInto(disk.files, memoryStore({}, new Map(objects)));
  if (!isLeft(pulled)) return rootOf(disk.files);
  if (pulled.left._tag === 'NotARemote') return null;
  throw new Error(`what lies there is not whole: ${JSON.stringify(pulled.left)}`);
};

/** A pond with some commits, blobs among them. */
export const samplePond = async (commits = 3): Promise<MemoryPond> => {
  const pond = await createMemoryPond();
  for (let count = 1; count <= commits; count += 1) await commitTo(pond, `${count}`);
  return pond;
};

export const commitTo = async (pond: MemoryPond, name: string): Promise<void> => {
  await pond.promises.write(async ({ fs }) => {
    await fs.write(`/small-${name}.txt`, Buffer.from(`small ${name}`));
    await fs.write(`/large-${name}.bin`, Buffer.alloc(KIB_70, name));
  });
};

/** All requests from one on fail, as if the process had been killed before it. */
export const killedAt = (count: number) => ({
  fault: (request: { readonly count: number }): StoreFault => (request.count >= count ? 'denied' : null),
});

export const sorted = (keys: Iterable<string>): readonly string[] => [...keys].sort();

export const maintained = async (pond: MemoryPond): Promise<void> => {
  for (let count = 0; count < 12; count += 1) await commitTo(pond, `again-${count}`);
  await pond.promises.maintain({ retentionMs: 0 });
};
