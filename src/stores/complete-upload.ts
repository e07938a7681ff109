import { createHash } from 'node:crypto';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import {
  NOT_OF_THE_STORE,
  type ObjectInfo,
  type ObjectStore,
  type Upload,
  type UploadPart,
} from '../ports/object-store.js';
import type { Repeated } from './repeated-request.js';
import type { StoreError } from './store-error.js';

/** Completes an object of parts, which becomes visible as a whole. */
export type CompleteUpload = (
  upload: Upload,
  parts: readonly UploadPart[],
  condition: { readonly _tag: 'Absent' } | null,
) => TaskEither<StoreError, void>;

/** Completes uploads: where the answer got lost, what lies under the key tells whether that had succeeded. */
export const completing =
  (
    store: ObjectStore,
    repeated: Repeated,
    head: (key: string) => TaskEither<StoreError, ObjectInfo | null>,
  ): CompleteUpload =>
  (upload, parts, condition) =>
  async () => {
    const { key } = upload;
    let isUnclear = false;
    const isDone = async (): Promise<Either<StoreError, void> | null> => {
      isUnclear = true;
      const there = await head(key)();
      if (isLeft(there)) return there;
      return there.right !== null && isMadeOf(there.right, parts) ? right(undefined) : null;
    };
    const outcome = await repeated(
      { call: 'upload', key, sent: 0, expected: 0 },
      (ending) => store.uploads.complete(upload, parts, condition, ending),
      undefined,
      isDone,
    )();
    // An earlier request had its effect after it was looked for.
    const isGone = isUnclear && isLeft(outcome) && outcome.left._tag === 'ObjectMissing';
    // Whether such an answer was the store's, what lies under the key tells.
    const isOdd =
      isLeft(outcome) && outcome.left._tag === 'StoreFailed' && outcome.left.code === NOT_OF_THE_STORE;
    return isGone || isOdd ? ((await isDone()) ?? outcome) : outcome;
  };

/** Tells whether an object is made of parts. A store says so by its tag, where that is a digest of the parts' digests. */
const isMadeOf = ({ size, etag }: ObjectInfo, parts: readonly UploadPart[]): boolean => {
  if (size !== parts.reduce((sum, part) => sum + part.size, 0)) return false;
  if (!/^"?[0-9a-f]{32}-\d+"?$/.test(etag)) return true;
  const digest = createHash('md5');
  for (const part of parts) digest.update(Buffer.from(part.etag.replaceAll('"', ''), 'hex'));
  return etag.replaceAll('"', '') === `${digest.digest('hex')}-${parts.length}`;
};
