import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { sideBySide } from '../../stores/side-by-side.js';
import { makeDurableDirectory } from '../../tlogfs/durable-directory.js';
import { attempt, run as runCall } from '../../tlogfs/failure.js';
import { readCheckpointFile } from '../../tlogfs/log/checkpoint-reading.js';
import { checksumProblem } from '../../tlogfs/log/entry-checksum.js';
import type { TableState } from '../../tlogfs/log/table-state.js';
import { stagedBlob, tableLayout } from '../../tlogfs/table-layout.js';
import { readPacks } from '../entry-packs.js';
import { decodeJumpMarker } from '../jump-marker.js';
import { type LogRoom, logRoom } from '../log-room.js';
import type { RemoteError, RemoteFailure } from '../remote-error.js';
import { checkpointKey, entryKey } from '../remote-keys.js';
import { decodeRemoteEntry, type RemoteLog } from '../remote-log.js';
import type { FetchedEntry, PullDeps } from './pulling.js';

/** Entries that are asked for at once. */
const ENTRIES_AT_ONCE = 16;

/** Versions whose entries are wanted. */
interface WantedEntries {
  /** All that come after this one. */
  readonly after: number;
  /** Some before, in order. */
  readonly gaps?: readonly number[];
  /** Bytes that they may have. Default: 256 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Texts and meanings of entries, from the log or from what it leaves out, each as it was published. The oldest ones may be
 * missing, up to a version: another engine removes those that a checkpoint stands for. Any other gap is damage.
 */
export const fetchEntries = (
  store: ReliableStore,
  remote: RemoteLog,
  wanted: WantedEntries,
): TaskEither<RemoteError, readonly FetchedEntry[]> =>
  steps<RemoteError, readonly FetchedEntry[]>(async ({ run, fail }) => {
    const { after, gaps = [], maxBytes } = wanted;
    const room = logRoom(store, maxBytes);
    const [first = after + 1] = gaps;
    const isWhole = gaps.length === 0 && remote.tip - after === countAfter(remote, after);
    const packed = isWhole ? NO_TEXTS : await run(readPacks(store, { from: first, to: remote.tip }, room));
    const isThere = (version: number): boolean => remote.entries.has(version) || packed.has(version);
    const versions = gaps.filter(isThere);
    // The oldest ones may be gone here and there.
    const cleaned = new Set(gaps.filter((version, index) => version === index));
    const lost = gaps.find((version) => !isThere(version) && !cleaned.has(version));
    if (lost !== undefined) return fail(isMissing(store, lost));
    let oldest = remote.tip + 1;
    while (oldest > after + 1 && isThere(oldest - 1)) oldest -= 1;
    if (oldest > after + 1 && !(after < 0 && (await run(isCleanedBefore(store, remote, oldest))))) {
      return fail(isMissing(store, oldest - 1));
    }
    for (let version = oldest; version <= remote.tip; version += 1) versions.push(version);
    const texts = await run(textsOf(store, remote, { versions, packed, room }));
    const fetched: FetchedEntry[] = [];
    for (const version of versions) {
      const text = texts.get(version);
      if (text === undefined && cleaned.has(version)) continue;
      if (text === undefined) return fail(isMissing(store, version));
      const problem = checksumProblem(text);
      if (problem !== null) {
        return fail({ _tag: 'RemoteDamaged', store: store.url, key: entryKey(version), problem });
      }
      fetched.push({ version, text, entry: await run(decodeRemoteEntry(store, version, text)) });
    }
    return fetched;
  });

const NO_TEXTS: ReadonlyMap<number, Uint8Array> = new Map();

const countAfter = ({ entries }: RemoteLog, after: number): number => {
  let count = 0;
  for (const version of entries.keys()) if (version > after) count += 1;
  return count;
};

/** Tells whether all before a version was removed by another engine: a checkpoint stands for it, and all that is there is the claim of the first push. */
const isCleanedBefore = (
  store: ReliableStore,
  remote: RemoteLog,
  version: number,
): TaskEither<RemoteError, boolean> =>
  steps<RemoteError, boolean>(async ({ run }) => {
    if (checkpointFor(remote, version) === null) return false;
    for (const there of remote.entries.keys()) if (there > 0 && there < version) return false;
    return !remote.entries.has(0) || decodeJumpMarker(0, await run(textInLog(store, remote, 0))) !== null;
  });

/** Texts of versions that are there, those of claims from the packs. */
const textsOf = (
  store: ReliableStore,
  remote: RemoteLog,
  {
    versions,
    packed,
    room,
  }: {
    readonly versions: readonly number[];
    readonly packed: ReadonlyMap<number, Uint8Array>;
    readonly room: LogRoom;
  },
): TaskEither<RemoteError, ReadonlyMap<number, Uint8Array>> =>
  steps<RemoteError, ReadonlyMap<number, Uint8Array>>(async ({ run }) => {
    const texts = new Map<number, Uint8Array>();
    const claimed: number[] = [];
    const inLog = versions.filter((version) => remote.entries.has(version));
    // What a list says of their sizes need not be so: what arrives is counted.
    const read = await run(
      sideBySide(inLog, ENTRIES_AT_ONCE, (version) =>
        pipe(
          textInLog(store, remote, version),
          TE.tap((text) => room.take(text.length)),
        ),
      ),
    );
    for (const [index, text] of read.entries()) {
      const version = inLog[index] ?? 0;
      if (decodeJumpMarker(version, text) === null) texts.set(version, text);
      else claimed.push(version);
    }
    for (const version of versions) {
      const text = packed.get(version);
      if (text !== undefined && !texts.has(version)) texts.set(version, text);
    }
    for (const version of claimed) {
      if (texts.has(version)) continue;
      const found = (await run(readPacks(store, { from: version, to: version }, room))).get(version);
      if (found !== undefined) texts.set(version, found);
    }
    return texts;
  });

/** The oldest checkpoint that stands for all before a version; null: there is none. */
const checkpointFor = ({ checkpoints }: RemoteLog, version: number): number | null => {
  const enough = checkpoints.filter((checkpoint) => checkpoint >= version - 1);
  return enough.length === 0 ? null : enough.reduce((a, b) => Math.min(a, b));
};

const textInLog = (
  store: ReliableStore,
  remote: RemoteLog,
  version: number,
): TaskEither<RemoteError, Uint8Array> =>
  steps<RemoteError, Uint8Array>(async ({ run }) =>
    version === remote.tip && remote.tipText !== null
      ? remote.tipText
      : (await run(store.get({ key: entryKey(version) }))).content,
  );

const isMissing = (store: ReliableStore, version: number): RemoteFailure => ({
  _tag: 'RemoteDamaged',
  store: store.url,
  key: entryKey(version),
  problem: 'the log entry is missing',
});

/**
 * The state from which fetched entries are to be replayed. Null: from the table's beginning. Where the oldest entries are
 * gone, that of the oldest checkpoint that stands for them.
 */
export const remoteBeginning = (
  { files, dataDir, store, ids }: PullDeps,
  remote: RemoteLog,
  fetched: readonly FetchedEntry[],
): TaskEither<RemoteError, TableState | null> =>
  steps<RemoteError, TableState | null>(async ({ run, fail }) => {
    const first = fetched[0]?.version ?? 0;
    if (first === 0) return null;
    const version = checkpointFor(remote, first);
    if (version === null) return fail(isMissing(store, 0));
    const { content } = await run(store.get({ key: checkpointKey(version) }));
    const read = await attempt(async () => {
      const layout = tableLayout(dataDir);
      makeDurableDirectory(files, layout.stagingDir, dataDir);
      const path = layout.staged(stagedBlob(ids.uuidV7(), 1));
      runCall(files.writeNewFile(path, content));
      try {
        return { ...(await readCheckpointFile(files, path, version)), checkpointVersion: -1 };
      } finally {
        runCall(files.remove(path));
      }
    })();
    if (!isLeft(read)) return read.right;
    if (read.left._tag !== 'CorruptData') return fail(read.left);
    const { problem } = read.left;
    return fail({ _tag: 'RemoteDamaged', store: store.url, key: checkpointKey(version), problem });
  });
