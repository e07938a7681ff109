import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { ReliableStore } from '../stores/reliable-store.js';
import { type LargeObject, sendLarge } from '../stores/send-large.js';
import { sideBySide } from '../stores/side-by-side.js';
import { persistenceErrorOf } from '../tinyfs/persistence.js';
import type { DataFile } from '../tlogfs/log/log-entry.js';
import { mergedVersionOf } from '../tlogfs/table-layout.js';
import type { Blob, LocalLog } from './local-log.js';
import type { RemoteError } from './remote-error.js';
import { BLOB_PREFIX, blobKey, DATA_PREFIX, dataKey } from './remote-keys.js';
import { sendMerged } from './send-merged.js';

/** Objects that are sent at once. */
const BLOBS_AT_ONCE = 4;
const FILES_AT_ONCE = 8;
/** Number of files that are sent without a look at which of them are there already. */
const FEW_FILES = 16;

/** Sends blobs and data files that a remote lacks, and knows what it has sent. */
export interface ContentSending {
  /** Null: some blob that is needed is on neither side. */
  readonly send: (files: readonly DataFile[]) => TaskEither<RemoteError, 'sent' | null>;
  readonly sent: () => { readonly dataFiles: number; readonly blobs: number };
}

export interface SendDeps {
  readonly store: ReliableStore;
  readonly local: LocalLog;
  /** The remote's newest version. */
  readonly tip: number;
  /** Tells whether some of what is to be sent may have been sent by a push that was killed. */
  readonly isUnfinished: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Blobs are listed once, where any is needed: a request for each would cost more than all else. Data files are listed where
 * some of them may have been sent by a push that was killed. A blob's name and that of a transaction's file say what is in it;
 * what was merged for a version after the tip may have another content in another history.
 */
export const sendContents = ({ store, local, tip, isUnfinished, now }: SendDeps): ContentSending => {
  let blobsThere: Map<string, number> | null = null;
  let filesThere: Map<string, number> | null = null;
  let dataFiles = 0;
  let blobs = 0;
  const listed = (prefix: string): TaskEither<RemoteError, Map<string, number>> =>
    pipe(
      store.list({ prefix }),
      TE.map((objects) => new Map(objects.map(({ key, size }) => [key, size]))),
    );
  const objectOf = (key: string, path: string, size: number): LargeObject<RemoteError> => ({
    key,
    size,
    read: (offset, length) =>
      TE.fromEither(
        pipe(local.files.readRange(path, offset, length)(), (read) =>
          read._tag === 'Left' ? { _tag: 'Left', left: persistenceErrorOf(read.left) } : read,
        ),
      ),
  });
  const isContested = ({ path }: DataFile): boolean => (mergedVersionOf(path) ?? -1) > tip;
  const sendDataFile = (file: DataFile): TaskEither<RemoteError, void> => {
    const object = objectOf(dataKey(file.path), local.layout.dataFile(file.path), file.size);
    return isContested(file)
      ? sendMerged(store, object, mergedVersionOf(file.path) ?? 0, now())
      : sendLarge<RemoteError>(store, object, { resume: isUnfinished });
  };

  const missingBlobs = (needed: readonly Blob[]): TaskEither<RemoteError, readonly Blob[]> =>
    steps<RemoteError, readonly Blob[]>(async ({ run }) => {
      if (needed.length === 0) return [];
      const there = blobsThere ?? (await run(listed(BLOB_PREFIX)));
      blobsThere = there;
      return needed.filter(({ digest, size }) => there.get(blobKey(digest)) !== size);
    });

  return {
    send: (files) =>
      steps<RemoteError, 'sent' | null>(async ({ run }) => {
        const missing = await run(missingBlobs(await run(local.blobsOf(files))));
        if (missing.some((blob) => !local.hasBlob(blob))) return null;
        await run(
          sideBySide(missing, BLOBS_AT_ONCE, ({ digest, size }) =>
            pipe(
              sendLarge<RemoteError>(store, objectOf(blobKey(digest), local.layout.blob(digest), size), {
                resume: isUnfinished,
              }),
              TE.tapIO(() => () => {
                blobs += 1;
                blobsThere?.set(blobKey(digest), size);
              }),
            ),
          ),
        );
        if (filesThere === null && (isUnfinished || files.length > FEW_FILES)) {
          filesThere = await run(listed(DATA_PREFIX));
        }
        const there: ReadonlyMap<string, number> = filesThere ?? new Map();
        await run(
          sideBySide(
            files.filter((file) => there.get(dataKey(file.path)) !== file.size || isContested(file)),
            FILES_AT_ONCE,
            (file) =>
              pipe(
                sendDataFile(file),
                TE.tapIO(() => () => {
                  dataFiles += 1;
                }),
              ),
          ),
        );
        return 'sent';
      }),
    sent: () => ({ dataFiles, blobs }),
  };
};
