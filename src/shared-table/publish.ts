import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { blobKey, dataKey, entryKey } from '../remotes/remote-keys.js';
import { PART_SIZE, sendLarge } from '../stores/send-large.js';
import { sideBySide } from '../stores/side-by-side.js';
import { describeStoreError, type StoreError } from '../stores/store-error.js';
import { persistenceErrorOf } from '../tinyfs/persistence.js';
import { corrupt } from '../tlogfs/failure.js';
import { isOwnEntry } from '../tlogfs/log/entry-checksum.js';
import { decodeLogEntry, encodeLogEntry } from '../tlogfs/log/log-entry.js';
import type { Publication, PublishedBlob } from '../tlogfs/log/publication.js';
import { ENGINE, mergedVersionOf, tableLayout } from '../tlogfs/table-layout.js';
import type { Committed, TLogError } from '../tlogfs/tlog.js';
import { asked, type Bucket, failureOf } from './bucket.js';
import { type ReadEntry, readEntry } from './bucket-log.js';
import type { SharedLog } from './shared-log.js';

const BLOBS_AT_ONCE = 4;

/** Times that a log entry is repeated as a later version because another engine came between. */
const REPEATS = 20;

/**
 * Publishes a version in the store. Blobs and the data file lie there by their keys before the log entry does, which is put on
 * condition that there is none of its version: the commit point.
 *
 * Where there is one, it is read. An entry that another engine has made, and that changes no row (it has put files together), is taken in, and
 * the entry is put again as the next version: rows, and what a transaction has read of them, are what they were. Any other entry
 * is that of a writer who believed to have the lock: `VersionTaken`. An answer that got lost is made out by reading the entry, which
 * carries the transaction's id; where the store does not answer that either, the outcome is `CommitUnclear`.
 */
export const publishShared =
  (bucket: Bucket, log: Pick<SharedLog, 'pull'> & { readonly take: (entry: ReadEntry) => unknown }) =>
  async ({ version, entry, dataFile, blobs = [] }: Publication): Promise<Committed> => {
    const { store, dataDir } = bucket;
    const name = dataFile === null ? null : dataFile.path.slice(dataDir.length + 1);
    const sent = await Promise.all([
      sendBlobs(bucket, blobs)(),
      name === null || dataFile === null ? null : sendDataFile(bucket, name, dataFile.content, version),
    ]);
    if (isLeft(sent[0])) throw sent[0].left;
    const withdraw = async (): Promise<void> => {
      // What cannot be removed is an orphan, which maintenance finds.
      if (name !== null && mergedVersionOf(name) === null) await store.delete(dataKey(name))();
    };
    const decoded = decodeLogEntry(entryKey(version), entry);
    for (let at = version; ; at += 1) {
      const put = await store.put({ key: entryKey(at), content: entry, condition: { _tag: 'Absent' } })();
      if (!isLeft(put)) {
        log.take({ version: at, text: entry, entry: decoded });
        if (dataFile !== null) keepDataFile(bucket, dataFile.path, dataFile.content);
        return { version: at, durability: 'durable' };
      }
      if (put.left._tag !== 'ConditionFailed') throw unclear(bucket, at, put.left);
      const theirs = await readEntry(bucket, at);
      const repeats = theirs !== null && isRearrangement(theirs) && decoded.removes.length === 0;
      if (!repeats || at - version >= REPEATS) {
        await withdraw();
        await log.pull();
        throw { _tag: 'VersionTaken', path: `${store.url}/${entryKey(at)}`, version: at } satisfies TLogError;
      }
      await log.pull();
    }
  };

/**
 * Tells whether an entry was made by another engine and leaves every row as it is. What this program makes says so, and was made by
 * somebody who held the lock.
 */
const isRearrangement = ({ text, entry }: ReadEntry): boolean => {
  const { transaction, protocol, metaData, txns, adds, removes } = entry;
  return (
    !isOwnEntry(text) &&
    transaction === null &&
    protocol === null &&
    metaData === null &&
    txns.length === 0 &&
    [...adds, ...removes].every(({ dataChange }) => !dataChange)
  );
};

/** The store has not said that it did not take the entry. */
const unclear = ({ store }: Bucket, version: number, error: StoreError): TLogError => ({
  _tag: 'CommitUnclear',
  path: `${store.url}/${entryKey(version)}`,
  version,
  problem: describeStoreError(error),
});

/** Sends blobs that the store lacks. Those that the transaction has staged are not asked for, unless they are large. */
const sendBlobs = (bucket: Bucket, blobs: readonly PublishedBlob[]): TE.TaskEither<TLogError, unknown> =>
  sideBySide(blobs, BLOBS_AT_ONCE, (blob) => () => sendBlob(bucket, blob));

const sendBlob = async ({ store, files, dataDir }: Bucket, { digest, size, staged }: PublishedBlob) => {
  const key = blobKey(digest);
  const path = tableLayout(dataDir).blob(digest);
  if (staged === null || size > PART_SIZE) {
    const there = await store.head(key)();
    if (isLeft(there)) return TE.left<TLogError, void>(failureOf(there.left))();
    if (there.right?.size === size) return TE.right<TLogError, void>(undefined)();
    if (files.stat(path)()._tag === 'Left') {
      return TE.left<TLogError, void>(corrupt(`${store.url}/${key}`, 'missing blob'))();
    }
  }
  const read = (offset: number, length: number) =>
    pipe(TE.fromIOEither(files.readRange(path, offset, length)), TE.mapLeft(persistenceErrorOf));
  return pipe(
    sendLarge<Unread>(store, { key, size, read }, { resume: true }),
    TE.mapLeft((error): TLogError => (isUnread(error) ? error : failureOf(error))),
  )();
};

type Unread = ReturnType<typeof persistenceErrorOf>;

const isUnread = (error: StoreError | Unread): error is Unread =>
  error._tag === 'StorageFailed' || error._tag === 'UnsafeFile' || error._tag === 'CorruptData';

/**
 * Sends a data file. The name of a transaction's says whose it is. That of a merged file says only for which version it is: one that is
 * there is that of a merge that has died, or of one that goes on elsewhere, and is not replaced.
 */
const sendDataFile = async (
  { store }: Bucket,
  name: string,
  content: Uint8Array,
  version: number,
): Promise<void> => {
  const key = dataKey(name);
  const isMerged = mergedVersionOf(name) !== null;
  const sent = await sendLarge<never>(
    store,
    {
      key,
      size: content.length,
      read: (offset, length) => TE.right(content.subarray(offset, offset + length)),
    },
    { resume: false, ...(isMerged ? { condition: { _tag: 'Absent' } as const } : {}) },
  )();
  if (!isLeft(sent)) return;
  if (sent.left._tag !== 'ConditionFailed') throw failureOf(sent.left);
  const there = await asked(store.get({ key }));
  if (Buffer.compare(there.content, content) === 0) return;
  throw { _tag: 'VersionTaken', path: `${store.url}/${key}`, version } satisfies TLogError;
};

/** Keeps a copy, so that it need not be fetched again; without one it is. */
const keepDataFile = ({ files, ids, dataDir }: Bucket, path: string, content: Uint8Array): void => {
  const staged = tableLayout(dataDir).staged(`${ids.uuidV7()}-1.blob`);
  if (!isLeft(files.writeNewFile(staged, content)())) files.rename(staged, path)();
};

/**
 * Takes the next version with an entry that changes nothing, so that whoever was about to publish it does not any more. Loops as long as
 * somebody else comes between: what they have published is taken in.
 */
export const publishFence = async (
  bucket: Bucket,
  log: Pick<SharedLog, 'pull' | 'take' | 'table'>,
  now: number,
): Promise<void> => {
  for (;;) {
    await log.pull();
    const version = log.table.known().version + 1;
    const entry = encodeLogEntry(
      { timestamp: now, operation: 'FENCE', operationParameters: {}, engineInfo: ENGINE },
      [],
    );
    const put = await bucket.store.put({
      key: entryKey(version),
      content: entry,
      condition: { _tag: 'Absent' },
    })();
    if (!isLeft(put)) {
      log.take({ version, text: entry, entry: decodeLogEntry(entryKey(version), entry) });
      return;
    }
    if (put.left._tag !== 'ConditionFailed') throw failureOf(put.left);
  }
};
