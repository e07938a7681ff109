import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { LogEntry } from '../tlogfs/log/log-entry.js';
import { isGone } from './local-log.js';
import { publishRemoteEntry } from './publish-remote-entry.js';
import type { KnownRemote, Pushing } from './pushing.js';
import type { RemoteError } from './remote-error.js';

/** Entries whose contents are sent before the first of them is published. */
const BATCH = 200;

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
      if (entries === null || !entries.every(({ adds }) => adds.every(local.hasFile))) return { known, tip };
    }
    for (let first = tip + 1; first <= newest; first += BATCH) {
      const entries = await readAll(first, Math.min(newest, first + BATCH - 1));
      if (entries === null) return { known, tip };
      const sent = await run(contents.send(entries.flatMap(({ adds }) => adds)));
      if (sent === null) return { known, tip };
      for (const [index, entry] of entries.entries()) {
        const version = first + index;
        const etag = await run(publishRemoteEntry(pushing, version));
        if (etag === null) return { known, tip };
        const txnSeq = entry.txns.find(({ appId }) => appId === local.state.metaData.id)?.version;
        known = { ...known, version, etag, txnSeq: txnSeq ?? known.txnSeq };
        tip = version;
        pushing.onStep?.({ unit: 'version', done: total - (newest - tip), total });
      }
      if (tip < newest) await run(pushing.save(known));
    }
    return { known, tip };
  });
