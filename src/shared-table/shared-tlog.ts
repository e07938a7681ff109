import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { checkpointKey, dataKey, LAST_CHECKPOINT_KEY, LOG_PREFIX } from '../remotes/remote-keys.js';
import { attempt } from '../tlogfs/failure.js';
import { newTLog } from '../tlogfs/init-tlog.js';
import { encodeCheckpoint } from '../tlogfs/log/checkpoint-writing.js';
import type { Publication, TableBacking } from '../tlogfs/log/publication.js';
import { BEGINNING, txnSeqOf } from '../tlogfs/log/table-state.js';
import { tlogOn } from '../tlogfs/open-tlog.js';
import { rowFiles } from '../tlogfs/rows/row-files.js';
import { tableLayout, transactionFile } from '../tlogfs/table-layout.js';
import type { TLog, TLogError } from '../tlogfs/tlog.js';
import type { SnapshotSource } from '../tlogfs/transactions/snapshot.js';
import { asked, type Bucket } from './bucket.js';
import { copiedContents } from './copied-contents.js';
import { forgetCopy, keepCheckpoint, keepEntries } from './copied-log.js';
import { copiedRows } from './copied-rows.js';
import { evictNowAndThen } from './evict.js';
import { type LaterCopies, laterCopies } from './later-copies.js';
import { type PublishingLog, publishFence, publishShared } from './publish.js';
import { openSharedLog, type SharedLog } from './shared-log.js';
import { sweepShared } from './sweep-shared.js';
import { type WriterTurn, type WriterTurns, writerTurns } from './writer-turns.js';

/** Options of a table in a store. */
export interface SharedTableOptions {
  /** Bytes of data files and blobs that the directory keeps. */
  readonly cacheBytes: number;
  /** The pond that is to lie there: copies of another one are forgotten. */
  readonly pondId: string;
}

/** The op log in a store, of which a directory keeps a copy. */
export interface SharedTLog extends TLog {
  /**
   * Says that this process holds the writer's lock, until the returned function is called: meanwhile at most the first question asks the
   * store for what is newer, since nobody else commits, and every entry is put only while the lock is held still.
   */
  readonly alone: (turn: WriterTurn) => () => void;
  /** Resolves once what was written here is among the copies, as far as it will be. */
  readonly copied: () => Promise<void>;
}

/**
 * Opens the op log of a pond in a store. The directory holds a copy of the log and of the files that were wanted, with the layout of a pond's
 * `data`; it may be deleted at any moment. Each question for the newest state asks the store once.
 */
export const openSharedTLog = (
  bucket: Bucket,
  { cacheBytes, pondId }: SharedTableOptions,
): TE.TaskEither<TLogError, SharedTLog> =>
  attempt(async () => {
    const log = await openSharedLog(bucket, pondId);
    const layout = tableLayout(bucket.dataDir);
    const turns = writerTurns();
    const onAdded = evictNowAndThen(bucket, cacheBytes);
    const later = laterCopies(bucket);
    const contents = copiedContents(bucket, {
      onMissing: log.pull,
      onFetched: onAdded,
      beingMade: later.made,
    });
    const source: SnapshotSource = {
      files: contents.files,
      layout,
      table: log.table,
      rowFiles: copiedRows(rowFiles(contents.files, layout), contents.dataFiles),
      backing: backingOf(bucket, log, turns, (publication) => {
        onAdded(bytesOf(publication));
        for (const { digest, held } of publication.blobs ?? []) {
          if (held !== undefined) later.keepBlob(digest, held);
        }
      }),
    };
    return sharedTLog({ bucket, log, source, turns, later }, tlogOn(source));
  });

/** The op log of a pond that is not in the store yet: its first commit makes it. `PondExists` where there is one. */
export const newSharedTLog = (
  bucket: Bucket,
  identity: { readonly pondId: string; readonly birthplace: string },
): TLog => {
  const publish = publishShared(
    bucket,
    { ...NO_LOG, take: (entry) => keepEntries(bucket, [entry]) },
    writerTurns(),
  );
  const first: TableBacking['publish'] = async (publication) => {
    try {
      return await publish(publication);
    } catch (error) {
      // Two that make a pond at the same place: one of them gets there first.
      if (!isTaken(error)) throw error;
      throw { _tag: 'PondExists', path: bucket.store.url } satisfies TLogError;
    }
  };
  const made = newTLog({
    files: bucket.files,
    backing: { publish: first, checkpoint: async () => undefined },
  })(bucket.dataDir, identity);
  const nothing = TE.right(undefined);
  return {
    ...made,
    // What an interrupted beginning had sent is the same beginning: whichever arrives first makes the pond.
    fence: () => nothing,
    discardStaged: () => nothing,
    secureHead: () => nothing,
    head: () =>
      attempt(async () => {
        const { store } = bucket;
        if ((await asked(store.list({ prefix: LOG_PREFIX }))).length > 0) {
          throw { _tag: 'PondExists', path: store.url } satisfies TLogError;
        }
        forgetCopy(bucket);
        return { version: -1, txnSeq: 0 };
      }),
  };
};

const isTaken = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && '_tag' in error && error._tag === 'VersionTaken';

/** The log of a table that is not there. */
const NO_LOG: Pick<PublishingLog, 'pull' | 'table'> = {
  pull: async () => undefined,
  table: { known: () => BEGINNING },
};

const backingOf = (
  bucket: Bucket,
  log: SharedLog,
  turns: WriterTurns,
  onPublished: (publication: Publication) => void,
): TableBacking => {
  const publish = publishShared(bucket, log, turns);
  return {
    publish: async (publication) => {
      try {
        const committed = await publish(publication);
        onPublished(publication);
        return committed;
      } catch (error) {
        turns.doubt();
        throw error;
      }
    },
    checkpoint: async (state) => {
      const { store, now } = bucket;
      const { content, pointer } = encodeCheckpoint(state, now());
      await turns.mayPublish(store.url, state.version);
      await asked(store.put({ key: checkpointKey(state.version), content }));
      await asked(store.put({ key: LAST_CHECKPOINT_KEY, content: pointer }));
      keepCheckpoint(bucket, state);
    },
  };
};

/** Bytes of the contents that a publication leaves among the copies. */
const bytesOf = ({ dataFile, blobs = [] }: Publication): number =>
  blobs.reduce((sum, { size }) => sum + size, dataFile?.content.length ?? 0);

interface SharedTable {
  readonly bucket: Bucket;
  readonly log: SharedLog;
  readonly source: SnapshotSource;
  readonly turns: WriterTurns;
  readonly later: LaterCopies;
}

const sharedTLog = ({ bucket, log, source, turns, later }: SharedTable, inner: TLog): SharedTLog => {
  const ask = (): TE.TaskEither<TLogError, void> =>
    attempt(async () => {
      if (turns.mustAsk()) await turns.asking(log.pull);
    });
  const asking = <A>(work: TE.TaskEither<TLogError, A>): TE.TaskEither<TLogError, A> =>
    pipe(
      ask(),
      TE.flatMap(() => withEntries(work)),
    );
  const withEntries = <A>(work: TE.TaskEither<TLogError, A>): TE.TaskEither<TLogError, A> =>
    pipe(
      attempt(() => log.withEntries(work)),
      TE.flatMap(TE.fromEither),
    );
  const isKnown = (txnSeq: number): boolean => txnSeq <= txnSeqOf(log.table.known());
  return {
    ...inner,
    alone: turns.begin,
    copied: later.all,
    head: (look) => {
      if (look === 'again') turns.doubt();
      return look === 'known' ? inner.head('known') : asking(inner.head());
    },
    snapshot: (at) =>
      at !== undefined && isKnown(at) ? withEntries(inner.snapshot(at)) : asking(inner.snapshot(at)),
    beginWrite: inner.beginWrite,
    commitsAfter: (txnSeq) => asking(inner.commitsAfter(txnSeq)),
    commitOf: (txnSeq, hint) => {
      const work = withEntries(inner.commitOf(txnSeq, hint));
      if (isKnown(txnSeq)) return work;
      if (hint === undefined) return asking(work);
      return pipe(
        attempt(() => log.reach(hint, txnSeq)),
        TE.flatMap((isReached) => (isReached ? work : asking(work))),
      );
    },
    // What lies in a store is durable.
    secureHead: () => TE.right(undefined),
    fence: (timestamp, intended) =>
      attempt(() => publishFence(bucket, log, turns, { now: Math.floor(timestamp / 1000), intended })),
    discardStaged: (txnId) =>
      pipe(
        inner.discardStaged(txnId),
        TE.tapTask(() => async () => {
          const path = transactionFile(txnId);
          const { files, removed } = log.table.known();
          if (files.has(path) || removed.has(path)) return;
          // What cannot be removed is an orphan, which maintenance finds.
          await bucket.store.delete(dataKey(path))();
        }),
      ),
    maintain: (timestamp, options) =>
      pipe(
        inner.maintain(timestamp, options),
        // A merge that somebody else came before is given up.
        TE.orElse((error) =>
          error._tag === 'VersionTaken' || error._tag === 'LockLost' ? TE.right(undefined) : TE.left(error),
        ),
      ),
    sweep: (options) => attempt(() => sweepShared(bucket, source, options)),
    // Old entries stay objects of their own: nobody reads them one by one.
    packHistory: () => TE.right({ entries: 0 }),
    repairCheckpoints: () => TE.right(0),
  };
};
