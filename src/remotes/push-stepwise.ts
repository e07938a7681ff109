import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { LogEntry } from '../tlogfs/log/log-entry.js';
import { isGone } from './local-log.js';
import type { KnownRemote, Pushing } from './pushing.js';
import type { RemoteError } from './remote-error.js';
import { entryKey } from './remote-keys.js';
import { remoteText } from './remote-log.js';

/** Entries whose contents are sent before the first of them is published. */
const BATCH = 200;

/**
 * Publishes every version that the remote lacks, in order, each after what it names. Null, before anything is published
 * that could not be: files of an old version are gone here, and only the newest one is whole.
 */
export const pushStepwise = (pushing: Pushing): TaskEither<RemoteError, KnownRemote | null> =>
  steps<RemoteError, KnownRemote | null>(async ({ run, fail }) => {
    const { local, tip, contents, store } = pushing;
    const newest = local.state.version;
    let { known } = pushing;
    const readAll = async (from: number, to: number): Promise<readonly LogEntry[] | null> => {
      const entries: LogEntry[] = [];
      for (let version = from; version <= to; version += 1) {
        const read = await local.entry(version)();
        if (isLeft(read)) return isGone(read.left) ? null : fail(read.left);
        entries.push(read.right);
      }
      return entries;
    };
    for (let first = tip + 1; first <= newest; first += BATCH) {
      const entries = await readAll(first, Math.min(newest, first + BATCH - 1));
      if (entries === null || !entries.every(({ adds }) => adds.every(local.hasFile))) return null;
    }
    for (let first = tip + 1; first <= newest; first += BATCH) {
      const entries = await readAll(first, Math.min(newest, first + BATCH - 1));
      if (entries === null) return null;
      const sent = await run(contents.send(entries.flatMap(({ adds }) => adds)));
      if (sent === null) return null;
      for (const [index, entry] of entries.entries()) {
        const version = first + index;
        const etag = await run(publishRemoteEntry(pushing, version, await run(local.text(version))));
        const txnSeq = entry.txns.find(({ appId }) => appId === local.state.metaData.id)?.version;
        known = { ...known, version, etag, txnSeq: txnSeq ?? known.txnSeq };
      }
      if (first + BATCH <= newest) await run(pushing.save(known));
    }
    if (known.version < newest)
      return fail({ _tag: 'Diverged', store: store.url, version: tip, how: 'differs' });
    return known;
  });

/**
 * Publishes one entry: the commit point of a push. Where somebody else was faster, it is looked whether what they wrote
 * is this very entry: two pushers of one log help each other, and of two logs one wins.
 */
export const publishRemoteEntry = (
  { store }: Pick<Pushing, 'store'>,
  version: number,
  content: Uint8Array,
): TaskEither<RemoteError, string> =>
  steps<RemoteError, string>(async ({ run, fail }) => {
    const key = entryKey(version);
    const put = await store.put({ key, content, condition: { _tag: 'Absent' } })();
    if (!isLeft(put)) return put.right.etag;
    if (put.left._tag !== 'ConditionFailed') return fail(put.left);
    const theirs = await run(remoteText(store, version));
    if (theirs === null || Buffer.compare(theirs, content) !== 0) {
      return fail({ _tag: 'Diverged', store: store.url, version, how: 'differs' });
    }
    return (await run(store.head(key)))?.etag ?? '';
  });
