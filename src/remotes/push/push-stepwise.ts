import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { isGone, type TextAndEntry } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import { publishRemoteEntry } from './publish-remote-entry.js';
import type { KnownRemote, Pushing } from './pushing.js';

/** Entries whose contents are sent before the first of them is published. */
const BATCH = 200;
/** Batches that are kept from the look at whether all files are there until they are sent; some 40 MB. */
const KEPT_BATCHES = 50;

/** Entries whose files are being sent. */
interface Batch {
  readonly entries: readonly TextAndEntry[];
  readonly sent: Promise<Either<RemoteError, 'sent' | null>>;
}

/** Result of publishing one version after another. */
export interface Stepped {
  readonly known: KnownRemote;
  /** The remote's newest version now. */
  readonly tip: number;
}

/**
 * Publishes the versions that the remote lacks, in order, each after what it names, as far as that is here. Where it ends
 * before the newest, files of an old version are gone here and only the newest one is whole, or a jump has claimed the next.
 */
export const pushStepwise = (pushing: Pushing): TaskEither<RemoteError, Stepped> =>
  steps<RemoteError, Stepped>(async ({ run, fail }) => {
    const { local, contents } = pushing;
    const newest = local.state.version;
    let { known, tip } = pushing;
    const total = newest - tip;
    /** Batches that were read, by their first version. */
    const kept = new Map<number, readonly TextAndEntry[]>();
    const readBatch = async (first: number): Promise<readonly TextAndEntry[] | null> => {
      const entries: TextAndEntry[] = [];
      for (let version = first; version <= Math.min(newest, first + BATCH - 1); version += 1) {
        const read = await local.textAndEntry(version)();
        if (isLeft(read)) return isGone(read.left) ? null : fail(read.left);
        entries.push(read.right);
      }
      return entries;
    };
    for (let first = tip + 1; first <= newest; first += BATCH) {
      const entries = await readBatch(first);
      if (entries === null || !entries.every(({ entry }) => entry.adds.every(local.hasFile))) {
        return { known, tip };
      }
      if (kept.size < KEPT_BATCHES) kept.set(first, entries);
    }
    const beginBatch = async (first: number): Promise<Batch | null> => {
      const entries = first > newest ? null : (kept.get(first) ?? (await readBatch(first)));
      kept.delete(first);
      if (entries === null) return null;
      const files = entries.flatMap(({ entry }) => entry.adds);
      // What a merge has written has rows of entries before it, whose contents are there.
      const rows = files.filter(({ dataChange }) => dataChange);
      return { entries, sent: contents.send({ files, rows, areOfOldEntries: false })() };
    };
    let batch = await beginBatch(tip + 1);
    while (batch !== null) {
      const { entries, sent } = batch;
      if ((await run(() => sent)) === null) return { known, tip };
      // Entries follow one after another, and leave the connections idle: the files of those after them are sent meanwhile.
      const next = await beginBatch(tip + entries.length + 1);
      try {
        for (const { text, entry } of entries) {
          const version = tip + 1;
          const etag = await run(publishRemoteEntry(pushing, version, text));
          if (etag === null) return { known, tip };
          const txnSeq = entry.txns.find(({ appId }) => appId === local.state.metaData.id)?.version;
          known = { ...known, version, etag, txnSeq: txnSeq ?? known.txnSeq };
          tip = version;
          pushing.onStep?.({ unit: 'version', done: total - (newest - tip), total });
        }
        if (tip < newest) await run(pushing.save(known));
      } finally {
        // However this ends, nothing is under way afterwards; what it came to is looked at with its batch.
        await next?.sent;
      }
      batch = next;
    }
    return { known, tip };
  });
