import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { type LargeObject, PART_SIZE, sendLarge } from '../../stores/send-large.js';
import { objectsSideBySide, sideBySide } from '../../stores/side-by-side.js';
import type { Blob, LocalLog } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import { BLOB_PREFIX, blobKey } from '../remote-keys.js';

/** Blobs that are sent at once. */
const AT_ONCE = 4;
/** Blobs that are sent without a list of all that the remote has, which is a request for each thousand of them. */
const FEW = 16;

export interface BlobDeps {
  readonly store: ReliableStore;
  readonly local: LocalLog;
  /** The remote's newest version. */
  readonly tip: number;
  /** Tells whether some of what is to be sent may have been sent by a push that was killed. */
  readonly isUnfinished: boolean;
}

/** Sends the blobs that a remote lacks, and counts them. */
export interface BlobSending {
  /** Null: one of them is on neither side. */
  readonly send: (needed: readonly Blob[]) => TaskEither<RemoteError, 'sent' | null>;
  readonly count: () => number;
}

/**
 * Blobs are listed once where many are needed. Of a few, each takes one request: what is as new as the commits that are being
 * sent is put on condition that it is not there, and what was here before them is asked for first. A blob's name says what is in it, so
 * that either way the same lies there in the end.
 */
export const sendBlobs = (
  { store, local, tip, isUnfinished }: BlobDeps,
  objectOf: (blob: Blob) => LargeObject<RemoteError>,
): BlobSending => {
  let listed: Map<string, number> | null = null;
  let count = 0;

  const list = steps<RemoteError, Map<string, number>>(async ({ run }) => {
    listed ??= new Map((await run(store.list({ prefix: BLOB_PREFIX }))).map(({ key, size }) => [key, size]));
    return listed;
  });
  const sizeThere = ({ digest }: Blob): TaskEither<RemoteError, number | null> =>
    pipe(
      store.head(blobKey(digest)),
      TE.map((there) => there?.size ?? null),
    );
  const isThere = (blob: Blob): TaskEither<RemoteError, boolean> =>
    local.hasBlob(blob) && !local.wasHere(blob, tip)
      ? TE.right(false)
      : pipe(
          sizeThere(blob),
          TE.map((size) => size === blob.size),
        );

  const lacking = (needed: readonly Blob[]): TaskEither<RemoteError, readonly Blob[]> =>
    steps<RemoteError, readonly Blob[]>(async ({ run }) => {
      if (listed === null && !isUnfinished && needed.length <= FEW) {
        const found = await run(sideBySide(needed, AT_ONCE, isThere));
        return needed.filter((_, index) => found[index] === false);
      }
      const there = needed.length === 0 ? new Map<string, number>() : await run(list);
      return needed.filter(({ digest, size }) => there.get(blobKey(digest)) !== size);
    });

  const sendOne = (blob: Blob): TaskEither<RemoteError, void> =>
    steps<RemoteError, void>(async ({ run, fail }) => {
      const object = objectOf(blob);
      if (listed === null) {
        const sent = await sendLarge(store, object, { resume: false, condition: { _tag: 'Absent' } })();
        if (isLeft(sent) && sent.left._tag !== 'ConditionFailed') return fail(sent.left);
        if (isLeft(sent) && (await run(sizeThere(blob))) === blob.size) return;
        if (isLeft(sent)) await run(sendLarge(store, object, { resume: false }));
      } else {
        await run(sendLarge(store, object, { resume: isUnfinished }));
        listed.set(object.key, blob.size);
      }
      count += 1;
    });

  return {
    send: (needed) =>
      steps<RemoteError, 'sent' | null>(async ({ run }) => {
        const missing = await run(lacking(needed));
        if (missing.some((blob) => !local.hasBlob(blob))) return null;
        await run(objectsSideBySide(missing, { small: AT_ONCE, large: 1, from: PART_SIZE }, sendOne));
        return 'sent';
      }),
    count: () => count,
  };
};
