import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { type LargeObject, PART_SIZE, sendLarge } from '../../stores/send-large.js';
import { objectsSideBySide } from '../../stores/side-by-side.js';
import { persistenceErrorOf } from '../../tinyfs/persistence.js';
import type { DataFile } from '../../tlogfs/log/log-entry.js';
import { mergedVersionOf } from '../../tlogfs/table-layout.js';
import type { RemoteError } from '../remote-error.js';
import { blobKey, DATA_PREFIX, dataKey } from '../remote-keys.js';
import { type BlobDeps, sendBlobs } from './send-blobs.js';
import { sendMerged } from './send-merged.js';

/** Files that are sent at once. */
const FILES_AT_ONCE = 8;
/** Number of files of which some may be there already, and that are sent without a look at which. */
const FEW_FILES = 16;

/** Files that a remote is to have. */
export interface WantedFiles {
  readonly files: readonly DataFile[];
  /** Those of them whose rows the remote does not have in other files. */
  readonly rows: readonly DataFile[];
  /** Tells whether entries that the remote has may name some of them, so that they are there. */
  readonly areOfOldEntries: boolean;
}

/** Sends blobs and data files that a remote lacks, and knows what it has sent. */
export interface ContentSending {
  /** Sends files, and before them the blobs that their rows name. Null: some blob that is needed is on neither side. */
  readonly send: (wanted: WantedFiles) => TaskEither<RemoteError, 'sent' | null>;
  readonly sent: () => { readonly dataFiles: number; readonly blobs: number };
}

export interface SendDeps extends BlobDeps {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Blobs go first. Data files are listed where some of them may have been sent before: by a push that was killed, or for older
 * entries. The name of a transaction's file says what is in it; what was merged for a version after the tip may have another
 * content in another history.
 */
export const sendContents = (deps: SendDeps): ContentSending => {
  const { store, local, tip, isUnfinished, now } = deps;
  let filesThere: Map<string, number> | null = null;
  let dataFiles = 0;
  const objectOf = (key: string, path: string, size: number): LargeObject<RemoteError> => ({
    key,
    size,
    read: (offset, length, room) =>
      TE.fromEither(
        pipe(local.files.readRange(path, offset, length, room)(), (read) =>
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

  const blobs = sendBlobs(deps, ({ digest, size }) =>
    objectOf(blobKey(digest), local.layout.blob(digest), size),
  );

  return {
    send: ({ files, rows, areOfOldEntries }) =>
      steps<RemoteError, 'sent' | null>(async ({ run }) => {
        if ((await run(blobs.send(await run(local.blobsOf(rows))))) === null) return null;
        const areMany = areOfOldEntries && files.length > FEW_FILES;
        if (filesThere === null && (isUnfinished || areMany)) {
          const listed = await run(store.list({ prefix: DATA_PREFIX }));
          filesThere = new Map(listed.map(({ key, size }) => [key, size]));
        }
        const there: ReadonlyMap<string, number> = filesThere ?? new Map();
        await run(
          objectsSideBySide(
            files.filter((file) => there.get(dataKey(file.path)) !== file.size || isContested(file)),
            { small: FILES_AT_ONCE, large: 1, from: PART_SIZE },
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
    sent: () => ({ dataFiles, blobs: blobs.count() }),
  };
};
