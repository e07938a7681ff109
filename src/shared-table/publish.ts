import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { dataKey, entryKey } from '../remotes/remote-keys.js';
import { describeStoreError, type StoreError } from '../stores/store-error.js';
import { isOwnEntry } from '../tlogfs/log/entry-checksum.js';
import { decodeLogEntry, encodeLogEntry, type LogEntry } from '../tlogfs/log/log-entry.js';
import type { ForeseenState, Publication } from '../tlogfs/log/publication.js';
import type { TableState } from '../tlogfs/log/table-state.js';
import { ENGINE, mergedVersionOf, tableLayout } from '../tlogfs/table-layout.js';
import type { Committed, Intention, TLogError } from '../tlogfs/tlog.js';
import { type Bucket, failureOf } from './bucket.js';
import { decodedEntry, type ReadEntry, readEntries } from './bucket-log.js';
import { isRearrangement } from './rearrangement.js';
import { sendBlobs, sendDataFile } from './send-contents.js';
import type { SharedLog } from './shared-log.js';
import type { WriterTurns } from './writer-turns.js';

/** Times that a log entry is repeated as a later version because another engine came between. */
const REPEATS = 20;

/** The parts of a log that publishing needs. */
export interface PublishingLog extends Pick<SharedLog, 'pull'> {
  readonly table: { readonly known: () => Pick<TableState, 'version' | 'files'> };
  readonly take: (entry: ReadEntry, foreseen?: ForeseenState | null) => unknown;
}

/**
 * Publishes a version in the store. Blobs and the data file lie there by their keys before the log entry does, which is put on
 * condition that there is none of its version: the commit point. Before it the version is written down, where that is asked for, and
 * the writer's lock is still held.
 *
 * Where there is an entry already, it is read. One that another engine has made, and that changes no row (it has put files together), is
 * taken in, and ours is put again as the next version: rows, and what a transaction has read of them, are what they were. Any other entry
 * is that of a writer who believed to have the lock: `VersionTaken`. An answer that got lost is made out by reading the entry, which
 * carries the transaction's id; where the store does not answer that either, the outcome is `CommitUnclear`.
 */
export const publishShared =
  (bucket: Bucket, log: PublishingLog, turns: Pick<WriterTurns, 'mayPublish'>) =>
  async (publication: Publication): Promise<Committed> => {
    const { version, entry, dataFile, intention } = publication;
    const { store, dataDir } = bucket;
    const name = dataFile === null ? null : dataFile.path.slice(dataDir.length + 1);
    const { decoded, foreseen } = await sendAll(bucket, name, publication);
    try {
      for (let at = version; ; at += 1) {
        await writeDown(intention, at);
        await turns.mayPublish(store.url, at);
        const put = await store.put({ key: entryKey(at), content: entry, condition: { _tag: 'Absent' } })();
        if (isLeft(put) && put.left._tag !== 'ConditionFailed') throw unclear(bucket, at, put.left);
        const theirs = isLeft(put) ? await whoseEntry(bucket, at) : null;
        // It is refused, too, where something on the way has sent it twice.
        if (!isLeft(put) || (theirs !== null && Buffer.compare(theirs.text, entry) === 0)) {
          log.take({ version: at, text: entry, entry: decoded }, foreseen);
          if (dataFile !== null) void keepDataFileLater(bucket, dataFile.path, dataFile.content);
          return { version: at, durability: 'durable' };
        }
        const repeats =
          theirs !== null && decoded.removes.length === 0 && isRearrangement(theirs, log.table.known());
        if (!repeats || at - version >= REPEATS) {
          await log.pull();
          throw {
            _tag: 'VersionTaken',
            path: `${store.url}/${entryKey(at)}`,
            version: at,
          } satisfies TLogError;
        }
        log.take(theirs);
      }
    } catch (error) {
      // What cannot be removed is an orphan, which maintenance finds.
      if (isRefused(error) && name !== null && mergedVersionOf(name) === null)
        await store.delete(dataKey(name))();
      throw error;
    }
  };

/** Facts about an entry that is to be published. */
interface Prepared {
  readonly decoded: LogEntry;
  readonly foreseen: ForeseenState | null;
}

/** Sends blobs and data file; what else comes before the entry is done while they are on their way. A failure is thrown once nothing is under way any more. */
const sendAll = async (
  bucket: Bucket,
  name: string | null,
  { version, entry, dataFile, blobs = [], beside, meanwhile }: Publication,
): Promise<Prepared> => {
  const [sent, put, done, prepared] = await Promise.allSettled([
    sendBlobs(bucket, blobs)().then(orThrow),
    name === null || dataFile === null ? null : sendDataFile(bucket, name, dataFile.content, version),
    beside?.(),
    bucket.giveWay().then(
      (): Prepared => ({
        decoded: decodeLogEntry(entryKey(version), entry),
        foreseen: meanwhile?.() ?? null,
      }),
    ),
  ]);
  if (done.status === 'rejected' && name !== null) await bucket.store.delete(dataKey(name))();
  for (const one of [sent, put, done]) if (one.status === 'rejected') throw one.reason;
  if (prepared.status === 'rejected') throw prepared.reason;
  return prepared.value;
};

const orThrow = <A>(outcome: Either<TLogError, A>): A => {
  if (isLeft(outcome)) throw outcome.left;
  return outcome.right;
};

/** Reads the entry that is there instead; while it cannot be read it may be one's own. */
const whoseEntry = async (bucket: Bucket, version: number): Promise<ReadEntry | null> => {
  const found = await bucket.store.get({ key: entryKey(version) })();
  if (!isLeft(found)) return decodedEntry(bucket, version, found.right.content);
  if (found.left._tag === 'ObjectMissing') return null;
  throw unclear(bucket, version, found.left);
};

/** Writes down another version than the one that is. */
const writeDown = async (intention: Intention | undefined, version: number): Promise<void> => {
  if (intention === undefined || intention.version === version) return;
  const moved = await intention.move(version)();
  if (isLeft(moved)) throw moved.left;
};

/** The entry is not in the log, and will not be. */
const isRefused = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  '_tag' in error &&
  (error._tag === 'VersionTaken' || error._tag === 'LockLost');

/** The store has not said that it did not take the entry. */
const unclear = ({ store }: Bucket, version: number, error: StoreError): TLogError => ({
  _tag: 'CommitUnclear',
  path: `${store.url}/${entryKey(version)}`,
  version,
  problem: describeStoreError(error),
});

/** Keeps a copy, so that it need not be fetched again; without one it is. Not before the commit's record is on its way. */
const keepDataFileLater = async (
  { files, ids, dataDir, giveWay }: Bucket,
  path: string,
  content: Uint8Array,
): Promise<void> => {
  await giveWay();
  const staged = tableLayout(dataDir).staged(`${ids.uuidV7()}-1.blob`);
  if (!isLeft(files.writeNewFile(staged, content, 'relaxed')())) files.rename(staged, path)();
};

/**
 * Sees to it that writers who are taken for dead, and who were to become these versions, never do: each version has an entry of this
 * product, beyond which no writer goes, or the next one gets an entry that changes nothing. Loops as long as somebody else comes
 * between: what they have published is taken in.
 */
export const publishFence = async (
  bucket: Bucket,
  log: PublishingLog,
  turns: Pick<WriterTurns, 'mayPublish'>,
  { now, intended }: { readonly now: number; readonly intended: readonly (number | null)[] },
): Promise<void> => {
  await log.pull();
  if (await areTaken(bucket, log.table.known().version, intended)) return;
  for (; ; await log.pull()) {
    const version = log.table.known().version + 1;
    const entry = encodeLogEntry(
      { timestamp: now, operation: 'FENCE', operationParameters: {}, engineInfo: ENGINE },
      [],
    );
    await turns.mayPublish(bucket.store.url, version);
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

const areTaken = async (
  bucket: Bucket,
  newest: number,
  intended: readonly (number | null)[],
): Promise<boolean> => {
  const versions = intended.filter((version) => version !== null && version <= newest) as number[];
  if (versions.length < intended.length) return false;
  const entries = await readEntries(bucket, versions);
  return entries.every((entry) => entry !== null && isOwnEntry(entry.text));
};
