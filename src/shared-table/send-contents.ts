import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { blobKey, dataKey } from '../remotes/remote-keys.js';
import { PART_SIZE, sendLarge } from '../stores/send-large.js';
import { sideBySide } from '../stores/side-by-side.js';
import type { StoreError } from '../stores/store-error.js';
import { persistenceErrorOf } from '../tinyfs/persistence.js';
import { corrupt } from '../tlogfs/failure.js';
import type { PublishedBlob } from '../tlogfs/log/publication.js';
import { mergedVersionOf, tableLayout } from '../tlogfs/table-layout.js';
import type { TLogError } from '../tlogfs/tlog.js';
import { asked, type Bucket, failureOf } from './bucket.js';

const BLOBS_AT_ONCE = 4;

/** Sends blobs that the store lacks. Those that the transaction has staged are not asked for, unless they are large. */
export const sendBlobs = (
  bucket: Bucket,
  blobs: readonly PublishedBlob[],
): TE.TaskEither<TLogError, unknown> =>
  sideBySide(blobs, BLOBS_AT_ONCE, (blob) => () => sendBlob(bucket, blob));

const sendBlob = async ({ store, files, dataDir }: Bucket, { digest, size, staged, held }: PublishedBlob) => {
  const key = blobKey(digest);
  const path = tableLayout(dataDir).blob(digest);
  if ((staged === null && held === undefined) || size > PART_SIZE) {
    const there = await store.head(key)();
    if (isLeft(there)) return TE.left<TLogError, void>(failureOf(there.left))();
    if (there.right?.size === size) return TE.right<TLogError, void>(undefined)();
    if (held === undefined && files.stat(path)()._tag === 'Left') {
      return TE.left<TLogError, void>(corrupt(`${store.url}/${key}`, 'missing blob'))();
    }
  }
  const read = (offset: number, length: number, room?: Uint8Array) =>
    held === undefined
      ? pipe(TE.fromIOEither(files.readRange(path, offset, length, room)), TE.mapLeft(persistenceErrorOf))
      : TE.right(held.subarray(offset, offset + length));
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
export const sendDataFile = async (
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
