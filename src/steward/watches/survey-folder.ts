import { join } from 'node:path';
import { type Either, right } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Arrival } from '../../control/records/arrival-record.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import { holding } from '../../host-plans/held-work.js';
import { ownDirectories } from '../../host-plans/operations/inside-pond.js';
import { acceptanceOf } from '../../host-plans/steps/shared-directory.js';
import { judgeFile } from '../../planner/watches/judge-file.js';
import type { SeenFile } from '../../planner/watches/settling.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { RecordedFile } from './finish-on-host.js';
import { learnArrivals, unlearntArrivals } from './learn-arrivals.js';
import { type FolderLook, lookAtFolder } from './look-at-folder.js';
import { hashing, isAsItWas, type SettledFile } from './prepare-arrival.js';

/** Looks at a folder now; left: why it cannot be seen. */
export const lookNow = (pond: Pond, words: WatchWords): TE.TaskEither<never, Either<string, FolderLook>> =>
  holding(
    pond.ports.hold,
    (held) => async () =>
      right(
        lookAtFolder(held, acceptanceOf(pond.ports.host), words, [
          pond.directory,
          ...ownDirectories(pond.address),
        ]),
      ),
  );

/** Files of a folder by what is to be done with them. */
export interface SortedFiles {
  /** Files that are to be taken in, by name. */
  readonly arrivals: readonly SettledFile[];
  /** Files whose arrival is recorded, and that are not yet where they are to be. */
  readonly unfinished: readonly RecordedFile[];
}

/** Sorts files by what is known of them, by the data up to the newest commit, too, which is then remembered; `readsOnly`: it is not. */
export const sortFiles = (
  pond: Pond,
  { watch, words, root }: { readonly watch: string; readonly words: WatchWords; readonly root: string },
  settled: readonly SeenFile[],
  { readsOnly }: { readonly readsOnly: boolean } = { readsOnly: false },
): TE.TaskEither<PondError, SortedFiles> =>
  steps(async ({ run }) => {
    const { txnSeq } = await run(pond.tlog.head());
    if (!readsOnly) await run(learnArrivals(pond, watch, txnSeq));
    const files = settled.map((file): SettledFile => {
      const { folder } = words;
      return { ...file, path: join(folder, file.name), realPath: join(root, file.name) };
    });
    const known = new Map<string, Arrival>();
    for (let start = 0; start < files.length; start += ASKED_AT_ONCE) {
      const paths = files.slice(start, start + ASKED_AT_ONCE).map(({ path }) => path);
      for (const arrival of await run(pond.control.arrivalsOf(watch, paths)))
        known.set(arrival.path, arrival);
    }
    if (readsOnly)
      for (const arrival of await run(unlearntArrivals(pond, watch, txnSeq)))
        known.set(arrival.path, arrival);
    const afterwards = { keeps: words.after._tag === 'Keep', putsAside: words.refused !== null };
    const arrivals: SettledFile[] = [];
    const unfinished: RecordedFile[] = [];
    for (const file of files) {
      const arrival = known.get(file.path) ?? null;
      const verdict = judgeFile(file, arrival, afterwards);
      if (verdict === 'arrival') arrivals.push(file);
      if (verdict === 'unfinished' && arrival !== null) unfinished.push({ file, arrival });
    }
    return { arrivals, unfinished };
  });

const ASKED_AT_ONCE = 1_000;

/**
 * Tells which of unfinished files are still what was taken in, by their content: size and time alone would let another file of the
 * same be deleted. The others are arrivals.
 */
export const confirmUnfinished =
  (pond: Pond, { arrivals, unfinished }: SortedFiles): (() => Promise<SortedFiles>) =>
  async () => {
    if (unfinished.length === 0) return { arrivals, unfinished };
    const held = pond.ports.hold();
    try {
      const same: RecordedFile[] = [];
      const others: SettledFile[] = [];
      for (const one of unfinished) {
        const { sha256 } = one.arrival;
        const digest = sha256 === null ? null : await digestOf(held.files.streamFile(one.file.realPath));
        if (!isAsItWas(held.files, one.file)) continue;
        if (digest === sha256) same.push(one);
        else if (digest !== 'unreadable') others.push(one.file);
      }
      return { arrivals: [...arrivals, ...others], unfinished: same };
    } finally {
      held.release();
    }
  };

const digestOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const reading = hashing(bytes);
  try {
    for await (const _ of reading.bytes);
  } catch (thrown) {
    if (reading.failure() === null) throw thrown;
    return 'unreadable';
  }
  return reading.sha256() ?? 'unreadable';
};
