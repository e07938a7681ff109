import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { ObjectInfo } from '../ports/object-store.js';
import type { ReliableStore } from '../stores/reliable-store.js';
import { asPersistenceError, attempt } from '../tlogfs/failure.js';
import { decodeLogEntry, type LogEntry } from '../tlogfs/log/log-entry.js';
import { newestEntryHere } from './entries-here.js';
import { readPacks } from './entry-packs.js';
import type { LocalLog } from './local-log.js';
import type { RemoteError, RemoteFailure } from './remote-error.js';
import { entryKey, entryVersion, LOG_PREFIX } from './remote-keys.js';

/** The log of a remote, as far as it was listed. */
export interface RemoteLog {
  /** Its newest version; -1: there is none. */
  readonly tip: number;
  /** The listed entries by version. */
  readonly entries: ReadonlyMap<number, ObjectInfo>;
}

/** Lists the log from a version on. */
export const listRemoteLog = (store: ReliableStore, from: number): TaskEither<RemoteFailure, RemoteLog> =>
  steps(async ({ run }) => {
    const after = from > 0 ? { after: entryKey(from - 1) } : {};
    const entries = new Map<number, ObjectInfo>();
    let tip = -1;
    for (const object of await run(store.list({ prefix: LOG_PREFIX, ...after }))) {
      const version = entryVersion(object.key);
      if (version === null) continue;
      entries.set(version, object);
      tip = Math.max(tip, version);
    }
    return { tip, entries };
  });

/** The text of an entry, in the log or among those that it leaves out; null: the remote does not have it. */
export const remoteText = (
  store: ReliableStore,
  version: number,
): TaskEither<RemoteFailure, Uint8Array | null> =>
  steps(async ({ run, fail }) => {
    const inLog = await store.get({ key: entryKey(version) })();
    if (!isLeft(inLog)) return inLog.right.content;
    if (inLog.left._tag !== 'ObjectMissing') return fail(inLog.left);
    return (await run(readPacks(store, { from: version, to: version }))).get(version) ?? null;
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
      if (error?._tag !== 'CorruptData') throw thrown;
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
  | { readonly _tag: 'Same' | 'RemoteBehind' | 'RemoteAhead' }
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
    const relation: Relation =
      remote.tip === newest ? SAME : remote.tip < newest ? REMOTE_BEHIND : REMOTE_AHEAD;
    const isAsSeen =
      seen !== null && seen.version === version && remote.entries.get(version)?.etag === seen.etag;
    if (isAsSeen || version < 0) return relation;
    const theirs = await run(remoteText(store, version));
    if (theirs === null) return { _tag: 'Differs', version };
    if (here >= 0 && Buffer.compare(theirs, await run(local.text(version))) === 0) return relation;
    const found = (await run(decodeRemoteEntry(store, version, theirs))).txns[0]?.appId;
    const expected = local.state.metaData.id;
    if (found !== undefined && found !== expected) {
      return fail({ _tag: 'OtherPond', store: store.url, found, expected });
    }
    return here < 0 ? relation : { _tag: 'Differs', version };
  });

const SAME: Relation = { _tag: 'Same' };
const REMOTE_BEHIND: Relation = { _tag: 'RemoteBehind' };
const REMOTE_AHEAD: Relation = { _tag: 'RemoteAhead' };
