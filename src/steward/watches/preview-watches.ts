import { basename } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import { rowsFileOf } from '../../series/rows-file.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { WaitingFile, WatchPreview } from '../shapes/background-reports.js';
import { refuseUntrusted } from '../tasks/refuse-untrusted.js';
import { type SettledFile, targetOf } from './prepare-arrival.js';
import { lookNow, sortFiles } from './survey-folder.js';
import { watchEntries } from './watch-entries.js';
import { onAnotherMachine, WATCHED_ELSEWHERE, watchesHere } from './watched-folders.js';

/** Looks at the watched folders and says what would be taken in. Takes nothing in, and writes nothing. */
export const previewWatches = (pond: Pond): TE.TaskEither<PondError, readonly WatchPreview[]> =>
  steps(async ({ run }) => {
    const { txnSeq } = await run(pond.tlog.head());
    const entries = await run(watchEntries(pond, await run(pond.tlog.snapshot(txnSeq))));
    if (entries.length === 0) return [];
    await run(refuseUntrusted(pond, [txnSeq]));
    const elsewhere = (await run(watchesHere(pond))) ? null : WATCHED_ELSEWHERE;
    const previews: WatchPreview[] = [];
    for (const entry of entries) {
      const { words, path: watch } = entry;
      const why =
        entry.fault ?? elsewhere ?? (entry.isEnabled ? onAnotherMachine(pond, entry) : 'it is disabled');
      const look = words === null || why !== null ? null : await run(lookNow(pond, words));
      if (words === null || look === null || isLeft(look)) {
        const problem = why ?? (look !== null && isLeft(look) ? look.left : null);
        previews.push({ ...entry, problem, waiting: [], unfinished: [], known: 0, passedOver: [] });
        continue;
      }
      const { root, files, passedOver } = look.right;
      const { arrivals, unfinished } = await run(
        sortFiles(pond, { watch, words, root }, files, { readsOnly: true }),
      );
      previews.push({
        ...entry,
        problem: null,
        passedOver,
        waiting: arrivals.map((file) => waitingFile(words, file)),
        unfinished: unfinished.map(({ file }) => file.path),
        known: files.length - arrivals.length - unfinished.length,
      });
    }
    return previews;
  });

const waitingFile = (words: WatchWords, { path, name, size, modifiedAt }: SettledFile): WaitingFile => {
  const rows = words.as === 'file' ? null : rowsFileOf(basename(name));
  const target = words.as !== 'file' && rows === null ? null : targetOf(words, name, rows);
  return { path, size, modifiedAt, target: target === null || isLeft(target) ? null : target.right };
};
