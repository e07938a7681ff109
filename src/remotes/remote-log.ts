import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { ObjectInfo } from '../ports/object-store.js';
import type { ReliableStore } from '../stores/reliable-store.js';
import { asPersistenceError, attempt } from '../tlogfs/failure.js';
import { decodeLogEntry, type LogEntry } from '../tlogfs/log/log-entry.js';
import { newestEntryHere } from './entries-here.js';
import { readPacks } from './entry-packs.js';
import { decodeJumpMarker, type JumpMarker } from './jump-marker.js';
import type { LocalLog } from './local-log.js';
import { logRoom } from './log-room.js';
import type { RemoteError, RemoteFailure } from './remote-error.js';
import { checkpointVersion, entryKey, entryVersion, LOG_PREFIX } from './remote-keys.js';

/** The log of a remote, as far as it was listed. */
export interface RemoteLog {
  /** Its newest version; -1: there is none. */
  readonly tip: number;
  /** The listed entries by version. One of them may be the claim of a jump that has ended: its text is in a pack. */
  readonly entries: ReadonlyMap<number, ObjectInfo>;
  /** Versions of which there is a checkpoint. */
  readonly checkpoints: readonly number[];
  /** The jump that has claimed the version after the newest, and has not ended. */
  readonly jump: JumpMarker | null;
  /** The text of the newest version, where it was read. */
  readonly tipText: Uint8Array | null;
}

/** Opens the log of a remote from a version on. A newest entry that was seen, and has not changed since, is not read. */
export const openRemoteLog = (
  store: ReliableStore,
  from: number,
  seen: SeenTip | null = null,
): TaskEither<RemoteFailure, RemoteLog> =>
  steps(async ({ run }) => {
    const after = from > 0 ? { after: entryKey(from - 1) } : {};
    const entries = new Map<number, ObjectInfo>();
    const checkpoints: number[] = [];
    let newest = -1;
    for (const object of await run(store.list({ prefix: LOG_PREFIX, ...after }))) {
      const version = entryVersion(object.key);
      if (version !== null) {
        entries.set(version, object);
        newest = Math.max(newest, version);
      }
      const checkpoint = checkpointVersion(object.key);
      if (checkpoint !== null) checkpoints.push(checkpoint);
    }
    if (newest < 0 || isAsSeen(entries, newest, seen)) {
      return { tip: newest, entries, checkpoints, jump: null, tipText: null };
    }
    const text = (await run(store.get({ key: entryKey(newest) }))).content;
    const jump = decodeJumpMarker(newest, text);
    if (jump === null) return { tip: newest, entries, checkpoints, jump, tipText: text };
    entries.delete(newest);
    return { tip: newest - 1, entries, checkpoints, jump, tipText: null };
  });

const isAsSeen = (entries: ReadonlyMap<number, ObjectInfo>, version: number, seen: SeenTip | null): boolean =>
  seen !== null && seen.version === version && entries.get(version)?.etag === seen.etag;

/** The text of an entry, in the log or among those that it leaves out; null: the remote does not have it. */
const remoteText = (store: ReliableStore, version: number): TaskEither<RemoteFailure, Uint8Array | null> =>
  steps(async ({ run, fail }) => {
    const inLog = await store.get({ key: entryKey(version) })();
    if (!isLeft(inLog)) {
      if (decodeJumpMarker(version, inLog.right.content) === null) return inLog.right.content;
    } else if (inLog.left._tag !== 'ObjectMissing') return fail(inLog.left);
    return (await run(readPacks(store, { from: version, to: version }, logRoom(store)))).get(version) ?? null;
  });

/** Reads an entry of a remote; what is wrong with it is the remote's damage. */
export const decodeRemoteEntry = (
  store: ReliableStore,
  version: number,
  text: Uint8Array,
): TaskEither<RemoteError, LogEntry> =>
  steps<RemoteError, LogEntry>(async ({ fail }) => {
    try {
      return decodeLogEntry(entryKey(version), text);
    } catch (thrown) {
      const error = asPersistenceError(thrown);
      if (error === null) throw thrown;
      // Other engines may write what this program does not read: nothing is damaged.
      if (error._tag !== 'CorruptData') return fail(error);
      return fail({
        _tag: 'RemoteDamaged',
        store: store.url,
        key: entryKey(version),
        problem: error.problem,
      });
    }
  });

/** State of a remote when this pond saw it last. */
export interface SeenTip {
  readonly version: number;
  readonly etag: string;
}

/** Result of comparing a remote's log with one of this machine. */
export type Relation =
  | {
      readonly _tag: 'Same' | 'RemoteBehind' | 'RemoteAhead';
      /** False where no entry of both is here: only the pond was compared. */
      readonly isProven: boolean;
    }
  | { readonly _tag: 'Differs'; readonly version: number };

/**
 * Compares at the newest version that both have. Entries carry identities, so equal entries there are equal histories. The
 * tip that was seen last and has not changed since is not read again. Where no entry is here yet, only a checkpoint, the
 * pond is compared.
 */
export const compareLogs = (
  store: ReliableStore,
  remote: RemoteLog,
  local: LocalLog,
  seen: SeenTip | null,
): TaskEither<RemoteError, Relation> =>
  steps<RemoteError, Relation>(async ({ run, fail }) => {
    const newest = local.state.version;
    const highest = Math.min(remote.tip, newest);
    const here = await run(attempt(async () => newestEntryHere(local, highest)));
    const version = here < 0 ? highest : here;
    const relation: Relation = {
      _tag: remote.tip === newest ? 'Same' : remote.tip < newest ? 'RemoteBehind' : 'RemoteAhead',
      isProven: highest < 0 || here >= 0,
    };
    if (version < 0 || isAsSeen(remote.entries, version, seen)) return relation;
    const known = version === remote.tip ? remote.tipText : null;
    const theirs = known ?? (await run(remoteText(store, version)));
    if (theirs === null) return { _tag: 'Differs', version };
    if (here >= 0 && Buffer.compare(theirs, await run(local.text(version))) === 0) return relation;
    const found = (await run(decodeRemoteEntry(store, version, theirs))).txns[0]?.appId;
    const expected = local.state.metaData.id;
    if (found !== undefined && found !== expected) {
      return fail({ _tag: 'OtherPond', store: store.url, found, expected });
    }
    return here < 0 ? relation : { _tag: 'Differs', version };
  });
